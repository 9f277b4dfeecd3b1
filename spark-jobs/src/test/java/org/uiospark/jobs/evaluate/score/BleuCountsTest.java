package org.uiospark.jobs.evaluate.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class BleuCountsTest {

  private static BleuCounts counts(String candidate, String reference) {
    return BleuCounts.of(Words.of(candidate), Words.of(reference));
  }

  @Test
  void aCopyScoresOne() {
    assertThat(counts("the cat sat on the mat", "the cat sat on the mat").score())
        .isCloseTo(1, within(1e-12));
  }

  @Test
  void isTheGeometricMeanOfFourPrecisions() {
    // 1-grams: the cat sat on mat, the second "the" of the candidate has no partner: 5 of 6.
    // 2-grams: "the cat", "cat sat", "sat on": 3 of 5. 3-grams: 2 of 4. 4-grams: 1 of 3.
    double expected = Math.pow(5.0 / 6 * 3 / 5 * 2 / 4 * 1 / 3, 0.25);
    assertThat(counts("the cat sat on the mat", "the cat sat on a mat").score())
        .isCloseTo(expected, within(1e-12));
  }

  @Test
  void aWordCountsAsOftenAsTheReferenceHasIt() {
    // Papineni's example: "the" seven times against a reference that has it twice.
    BleuCounts counts = counts("the the the the the the the", "the cat is on the mat");
    assertThat(counts.matches()).containsExactly(2, 0, 0, 0);
    assertThat(counts.candidates()).containsExactly(7, 6, 5, 4);
    assertThat(counts.score()).isZero();
  }

  @Test
  void aShortCandidateIsPunished() {
    // All n-grams match; 4 words for 5: exp(1 - 5/4).
    assertThat(counts("a b c d", "a b c d e").score()).isCloseTo(Math.exp(-0.25), within(1e-12));
  }

  @Test
  void aCorpusIsScoredBySumsNotByMeans() {
    BleuCounts sum =
        counts("a b c d", "a b c d").plus(counts("p q r s", "p x y z")).plus(BleuCounts.none());
    // 1-grams 5 of 8, 2-grams 3 of 6, 3-grams 2 of 4, 4-grams 1 of 2.
    assertThat(sum.score())
        .isCloseTo(Math.pow(5.0 / 8 * 3 / 6 * 2 / 4 * 1 / 2, 0.25), within(1e-12));
  }

  @Test
  void nothingScoresZero() {
    assertThat(counts("", "a b c d").score()).isZero();
    assertThat(BleuCounts.none().score()).isZero();
  }
}
