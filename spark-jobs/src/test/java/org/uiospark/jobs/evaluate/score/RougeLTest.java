package org.uiospark.jobs.evaluate.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class RougeLTest {

  private static double score(String candidate, String reference) {
    return RougeL.of(Words.of(candidate), Words.of(reference));
  }

  @Test
  void followsTheLongestCommonSubsequence() {
    // Lin's examples against "police killed the gunman": "police the gunman" in both, and "the
    // gunman", of 4 words each.
    assertThat(score("police kill the gunman", "police killed the gunman"))
        .isCloseTo(0.75, within(1e-12));
    assertThat(score("the gunman kill police", "police killed the gunman"))
        .isCloseTo(0.5, within(1e-12));
  }

  @Test
  void isTheHarmonicMeanOfPrecisionAndRecall() {
    // 2 words in common: precision 2/2, recall 2/6.
    assertThat(score("b e", "a b c d e f")).isCloseTo(2 * (1.0 / 3) / (4.0 / 3), within(1e-12));
  }

  @Test
  void nothingInCommonScoresZero() {
    assertThat(score("a b", "c d")).isZero();
    assertThat(RougeL.of(List.of(), List.of())).isZero();
  }
}
