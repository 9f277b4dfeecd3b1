package org.uiospark.jobs.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.uiospark.model.estimator.KeyedRandom;
import org.uiospark.model.estimator.PairWeights;

class AuditVariantTest {

  @Test
  void sampledDrawsAsManySegmentsAsUnbiasedBackPropagatesOnAverage() {
    // Segment 0 always, then segment t enters with probability 1 / (t + 1), while one follows it:
    // 1 + 1/2 + ... + 1/15 = 3.3182 of 16 segments; 4 + 4/5 + ... + 4/15 = 8.9396 with four slots.
    assertThat(meanDrawn(1, 16)).isCloseTo(3.3182, within(0.02));
    assertThat(meanDrawn(4, 16)).isCloseTo(8.9396, within(0.02));
    assertThat(meanDrawn(1, 2)).isEqualTo(1);
    assertThat(meanDrawn(8, 6)).isEqualTo(5);
  }

  private static double meanDrawn(int window, int segments) {
    AuditVariant sampled = new AuditVariant("sampled", window);
    return IntStream.range(0, 10_000)
        .map(draw -> sampled.draw(segments, KeyedRandom.of(1, draw, 0)).differentiated())
        .average()
        .orElseThrow();
  }

  @Test
  void withoutFactorDrawsWhatUnbiasedDraws() {
    AuditVariant unbiased = new AuditVariant("unbiased", 2);
    AuditVariant plain = new AuditVariant("without factor", 2);

    PairWeights with = unbiased.draw(9, KeyedRandom.of(1, 2, 3));
    PairWeights without = plain.draw(9, KeyedRandom.of(1, 2, 3));

    for (int t = 1; t < 9; t++) {
      for (int s = 0; s < t; s++) {
        assertThat(without.weight(t, s)).isEqualTo(with.weight(t, s) == 0 ? 0 : 1);
      }
    }
    assertThat(without.differentiated()).isEqualTo(with.differentiated());
  }
}
