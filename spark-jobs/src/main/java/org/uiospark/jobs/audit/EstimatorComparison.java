package org.uiospark.jobs.audit;

/**
 * Draws of an estimator beside the exact gradient, over the tensors that estimators change ({@link
 * ComputedGradient#encoderPart}).
 *
 * <p>A gradient is given by coordinates and their inner product: its own values, or its weights of
 * the pairs of segments. The figures are the same either way.
 */
final class EstimatorComparison {
  private final double[] exact;
  private final InnerProduct product;
  private final int draws;
  private final double exactSquared;
  private final double[] mean;
  private int drawn;
  private double along;
  private double squares;
  private double ratioMean;
  private double ratioSquares;

  /** The inner product of two gradients by their coordinates. */
  interface InnerProduct {
    double of(double[] a, double[] b);
  }

  /**
   * @param exact coordinates of the exact gradient
   * @param draws how many will be added
   */
  EstimatorComparison(double[] exact, InnerProduct product, int draws) {
    this.exact = exact;
    this.product = product;
    this.draws = draws;
    this.exactSquared = product.of(exact, exact);
    this.mean = new double[exact.length];
  }

  /** The inner product of gradients that are given by their values. */
  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** Takes the coordinates of one draw. */
  void add(double[] gradient) {
    for (int i = 0; i < mean.length; i++) {
      mean[i] += gradient[i] / draws;
    }
    along += product.of(gradient, exact) / exactSquared / draws;
    double squared = product.of(gradient, gradient) / exactSquared;
    squares += squared / draws;
    // Welford's update keeps the digits where the ratios are nearly equal.
    drawn++;
    double ratio = Math.sqrt(squared);
    double difference = ratio - ratioMean;
    ratioMean += difference / drawn;
    ratioSquares += difference * (ratio - ratioMean);
  }

  /** Norm of the exact gradient over these tensors; all else is undefined where it is 0. */
  double exactNorm() {
    return Math.sqrt(exactSquared);
  }

  /** Mean over the draws of {@code |g| / |exact|}. */
  double ratioMean() {
    return ratioMean;
  }

  /** Sample variance (n - 1) of that ratio; 0 for one draw. */
  double ratioVariance() {
    return draws < 2 ? 0 : ratioSquares / (draws - 1);
  }

  /** {@code |mean of g| / |exact|}. */
  double meanGradientRatio() {
    return Math.sqrt(meanSquared());
  }

  private double meanSquared() {
    return product.of(mean, mean) / exactSquared;
  }

  /** Mean of {@code <g, exact> / |exact|^2}: 1 for an unbiased estimator. */
  double along() {
    return along;
  }

  /** {@code E |g - E g|^2 / |exact|^2}, by the sample variance; of two draws or more. */
  double variance() {
    return Math.max(0, (squares - meanSquared()) * draws / (draws - 1));
  }

  /** {@code |mean of g - exact| / |exact|}, in which the noise of the mean is a part. */
  double distance() {
    double[] difference = new double[mean.length];
    for (int i = 0; i < mean.length; i++) {
      difference[i] = mean[i] - exact[i];
    }
    return Math.sqrt(product.of(difference, difference) / exactSquared);
  }

  /** {@code |E g - exact| / |exact|}: the part that the noise of the mean explains is taken off. */
  double bias() {
    // |mean - exact|^2 is on average the squared bias and the variance of the mean.
    double squared = meanSquared() - 2 * along + 1 - variance() / draws;
    return Math.sqrt(Math.max(0, squared));
  }
}
