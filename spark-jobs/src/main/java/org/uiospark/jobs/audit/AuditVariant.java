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

  /** Weights for a sequence of so many segments. */
  PairWeights draw(int segments, SplittableRandom random) {
    return switch (estimator) {
      case "tbptt" -> new Estimator.Truncated(window).draw(segments, random);
      case SAMPLED -> new Estimator.Sampled(samplesAtCost(segments, random)).draw(segments, random);
      case WITHOUT_FACTOR -> new Estimator.Unbiased(window).draw(segments, random).withoutFactor();
      default -> new Estimator.Unbiased(window).draw(segments, random);
    };
  }

  /**
   * K of {@code sampled}: on average as many segments as {@code unbiased} back-propagates. That is
   * no whole number, so K is the one below or the one above it, in the proportion that gives it:
   * rounded, one of both estimators would be compared at a higher cost. Segment t enters the
   * reservoir with probability {@code min(1, S / (t + 1))}; the last one has no step after it.
   */
  private int samplesAtCost(int segments, SplittableRandom random) {
    double expected = 0;
    for (int t = 0; t < segments - 1; t++) {
      expected += Math.min(1, window / (t + 1.0));
    }
    int below = (int) expected;
    return random.nextDouble() < expected - below ? below + 1 : below;
  }
}
