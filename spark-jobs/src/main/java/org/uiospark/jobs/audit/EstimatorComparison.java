package org.uiospark.jobs.audit;

import org.uiospark.model.adapter.AdapterShape;

/**
 * Draws of an estimator beside the exact gradient, over the tensors that estimators change ({@link
 * EncoderNorm}).
 */
final class EstimatorComparison {
  private final AdapterShape shape;
  private final float[] exact;
  private final double exactNorm;
  private final double[] sum;
  private int draws;
  private double ratioMean;
  private double ratioSquares;

  /**
   * @param exact the exact gradient, in the layout of {@code shape}
   */
  EstimatorComparison(AdapterShape shape, float[] exact) {
    this.shape = shape;
    this.exact = exact;
    this.exactNorm = EncoderNorm.of(shape, index -> exact[index]);
    this.sum = new double[exact.length];
  }

  /** Takes one draw. */
  void add(float[] gradient) {
    draws++;
    for (int i = 0; i < sum.length; i++) {
      sum[i] += gradient[i];
    }
    // Welford's update.
    double ratio = EncoderNorm.of(shape, index -> gradient[index]) / exactNorm;
    double difference = ratio - ratioMean;
    ratioMean += difference / draws;
    ratioSquares += difference * (ratio - ratioMean);
  }

  /** Norm of the exact gradient over these tensors; all else is undefined where it is 0. */
  double exactNorm() {
    return exactNorm;
  }

  /** Mean over the draws of {@code |g| / |g_exact|}. */
  double ratioMean() {
    return ratioMean;
  }

  /** Sample variance (n - 1) of that ratio; 0 for one draw. */
  double ratioVariance() {
    return draws < 2 ? 0 : ratioSquares / (draws - 1);
  }

  /** {@code |mean(g) - g_exact| / |g_exact|}. */
  double relativeBias() {
    return EncoderNorm.of(shape, index -> sum[index] / draws - exact[index]) / exactNorm;
  }
}
