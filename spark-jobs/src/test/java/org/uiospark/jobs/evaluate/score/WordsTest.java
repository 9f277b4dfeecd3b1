package org.uiospark.jobs.evaluate.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class WordsTest {

  @Test
  void answersAreComparedWithoutCasePunctuationAndArticles() {
    assertThat(Words.normalized("  The U.S.A. and an Apple-pie,\na \"theatre\"! "))
        .containsExactly("usa", "and", "applepie", "theatre");
    assertThat(Words.normalized("the a an .")).isEmpty();
  }

  @Test
  void f1CountsSharedWordsAsOftenAsBothHaveThem() {
    // Shared: paris once, in once. Precision 2/4, recall 2/3.
    double f1 =
        Words.f1(Words.normalized("Paris, Paris in France"), Words.normalized("in Paris city"));
    assertThat(f1).isCloseTo(2 * (0.5 * 2 / 3) / (0.5 + 2.0 / 3), within(1e-12));
    assertThat(Words.f1(Words.of("x"), Words.of("y"))).isZero();
    assertThat(Words.f1(Words.of(""), Words.of(""))).isZero();
  }
}
