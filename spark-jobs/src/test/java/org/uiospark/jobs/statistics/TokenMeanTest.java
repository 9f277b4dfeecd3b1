package org.uiospark.jobs.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TokenMeanTest {

  @Test
  void casesHaveStudentsInterval() {
    // Mean 3, variance 2, error sqrt(2 / 2) = 1; Student's quantile of one degree is 12.7062.
    TokenMean mean = TokenMean.ofCases(new double[] {2, 4});
    assertThat(mean.value()).isEqualTo(3);
    assertThat(mean.interval().low()).isCloseTo(3 - 12.7062, within(1e-4));
    assertThat(mean.interval().high()).isCloseTo(3 + 12.7062, within(1e-4));
    assertThat(mean.tokens()).isEqualTo(2);
  }

  @Test
  void longSequencesWeighMore() {
    // 6 over 4 tokens; residuals 2 - 1.5 = 0.5 and 4 - 4.5 = -0.5, so the error is
    // sqrt(2 * 0.25 * 2 / 1) / 4 = 0.25.
    TokenMean mean = TokenMean.of(new double[] {2, 4}, new long[] {1, 3});
    assertThat(mean.value()).isEqualTo(1.5);
    assertThat(mean.interval().high()).isCloseTo(1.5 + 12.7062 * 0.25, within(1e-4));
    assertThat(mean.sequences()).isEqualTo(2);
    assertThat(mean.tokens()).isEqualTo(4);
  }

  @Test
  void sequencesThatAreAlikeLeaveNoDoubt() {
    TokenMean mean = TokenMean.of(new double[] {3, 6, 0}, new long[] {1, 2, 0});
    assertThat(mean.value()).isEqualTo(3);
    assertThat(mean.interval()).isEqualTo(new Interval(3, 3));
    assertThat(mean.sequences()).isEqualTo(2);
  }

  @Test
  void oneSequenceHasNoInterval() {
    assertThat(TokenMean.ofCases(new double[] {5}).interval()).isNull();
    assertThat(TokenMean.ofCases(new double[] {5}).map(Math::exp).interval()).isNull();
  }

  @Test
  void aFunctionOfTheMeanTakesTheIntervalWithIt() {
    TokenMean perplexity = TokenMean.ofCases(new double[] {2, 4}).map(Math::exp);
    assertThat(perplexity.value()).isCloseTo(Math.exp(3), within(1e-9));
    assertThat(perplexity.interval().low()).isCloseTo(Math.exp(3 - 12.7062), within(1e-6));
    assertThat(perplexity.text(1)).startsWith("20.1 [0.0, ");
  }
}
