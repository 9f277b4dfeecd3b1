package org.uiospark.jobs.audit;

import java.io.Serializable;
import java.util.List;
import java.util.SplittableRandom;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.PairWeights;

/**
 * An estimator at a window, as the audit compares it.
 *
 * @param estimator one of {@link #ESTIMATORS}
 * @param window S; {@code sampled} draws as many segments as {@code unbiased} back-propagates with
 *     that window on average
 */
record AuditVariant(String estimator, int window) implements Serializable {
  static final String WITHOUT_FACTOR = "without factor";
  static final String UNBIASED = "unbiased";
  static final String SAMPLED = "sampled";
  static final List<String> ESTIMATORS = List.of("tbptt", WITHOUT_FACTOR, UNBIASED, SAMPLED);

  /** What it is for sequences of so many segments. */
  Estimator forSegments(int segments) {
    return switch (estimator) {
      case "tbptt" -> new Estimator.Truncated(window);
      case SAMPLED -> new Estimator.Sampled(samplesAtCost(segments));
      default -> new Estimator.Unbiased(window);
    };
  }

  PairWeights draw(Estimator drawn, int segments, SplittableRandom random) {
    PairWeights weights = drawn.draw(segments, random);
    return estimator.equals(WITHOUT_FACTOR) ? weights.withoutFactor() : weights;
  }

  /**
   * K of {@code sampled}: as many segments as {@code unbiased} back-propagates on average, to the
   * nearest number. Segment t enters the reservoir with probability {@code min(1, S / (t + 1))};
   * the last one has no step after it.
   */
  private int samplesAtCost(int segments) {
    double expected = 0;
    for (int t = 0; t < segments - 1; t++) {
      expected += Math.min(1, window / (t + 1.0));
    }
    return (int) Math.round(expected);
  }
}
