package org.uiospark.jobs.audit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.PairWeights;

class AuditVariantTest {

  @Test
  void sampledDrawsAsManySegmentsAsUnbiasedBackPropagatesOnAverage() {
    // Segment 0 always, then segment t enters with probability 1 / (t + 1), while one follows it:
    // 1 + 1/2 + ... + 1/15 = 3.32 of 16 segments; 4 + 4/5 + ... + 4/15 = 8.94 with four slots.
    assertThat(new AuditVariant("sampled", 1).forSegments(16)).isEqualTo(new Estimator.Sampled(3));
    assertThat(new AuditVariant("sampled", 4).forSegments(16)).isEqualTo(new Estimator.Sampled(9));
    assertThat(new AuditVariant("sampled", 1).forSegments(2)).isEqualTo(new Estimator.Sampled(1));
  }

  @Test
  void withoutFactorDrawsWhatUnbiasedDraws() {
    AuditVariant unbiased = new AuditVariant("unbiased", 2);
    AuditVariant plain = new AuditVariant("without factor", 2);

    PairWeights with = unbiased.draw(unbiased.forSegments(9), 9, Estimator.keyed(1, 2, 3));
    PairWeights without = plain.draw(plain.forSegments(9), 9, Estimator.keyed(1, 2, 3));

    for (int t = 1; t < 9; t++) {
      for (int s = 0; s < t; s++) {
        assertThat(without.weight(t, s)).isEqualTo(with.weight(t, s) == 0 ? 0 : 1);
      }
    }
    assertThat(without.differentiated()).isEqualTo(with.differentiated());
  }
}
