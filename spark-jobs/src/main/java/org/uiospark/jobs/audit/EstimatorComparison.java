package org.uiospark.jobs.audit;

import org.uiospark.model.adapter.AdapterShape;

/**
 * Draws of an estimator beside the exact gradient, over the tensors that estimators change: {@code
 * mem_embedding} and the encoder's. The transfer head's gradient is exact under every estimator.
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
    this.exactNorm = norm(index -> exact[index]);
    this.sum = new double[exact.length];
  }

  /** Takes one draw. */
  void add(float[] gradient) {
    draws++;
    for (int i = 0; i < sum.length; i++) {
      sum[i] += gradient[i];
    }
    // Welford's update.
    double ratio = norm(index -> gradient[index]) / exactNorm;
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
    return norm(index -> sum[index] / draws - exact[index]) / exactNorm;
  }

  private interface Values {
    double at(int index);
  }

  private double norm(Values values) {
    double squares = 0;
    for (AdapterShape.Slot slot : shape.slots()) {
      if (!slot.name().startsWith("transfer.")) {
        for (int i = slot.offset(); i < slot.offset() + slot.size(); i++) {
          double value = values.at(i);
          squares += value * value;
        }
      }
    }
    return Math.sqrt(squares);
  }
}
