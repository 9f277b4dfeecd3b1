package org.uiospark.model.optim;

/** The global Euclidean norm of a gradient, the same bits for any number of threads. */
public final class GradientNorm {
  private GradientNorm() {}

  /** The norm: chunks of fixed size in float64, added in their order. */
  public static double of(float[] gradient) {
    double[] sums = new double[Chunks.count(gradient.length)];
    Chunks.forEach(
        gradient.length, (from, to) -> sums[from / Chunks.SIZE] = squares(gradient, from, to));
    return of(sums);
  }

  /**
   * The same norm.
   *
   * @param squares the sum of squares of each chunk
   */
  public static double of(double[] squares) {
    double sum = 0;
    for (double part : squares) {
      sum += part;
    }
    return Math.sqrt(sum);
  }

  /**
   * Scales the gradient in place by {@code maxNorm / (norm + 1e-6)} where that is below 1.
   *
   * @param norm its norm; if it is not finite the gradient is left as it is, and must not be used
   */
  public static void clip(float[] gradient, double norm, double maxNorm) {
    double coefficient = maxNorm / (norm + 1e-6);
    if (Double.isFinite(norm) && coefficient < 1) {
      Chunks.forEach(gradient.length, (from, to) -> scale(gradient, from, to, coefficient));
    }
  }

  /** Sum of the squares of the elements from {@code from} to before {@code to}, in their order. */
  public static double squares(float[] gradient, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += (double) gradient[i] * gradient[i];
    }
    return sum;
  }

  private static void scale(float[] gradient, int from, int to, double coefficient) {
    double[] piece = new double[Chunks.PIECE];
    for (int at = from; at < to; at += Chunks.PIECE) {
      int count = Math.min(Chunks.PIECE, to - at);
      Chunks.widen(gradient, at, piece, count);
      for (int i = 0; i < count; i++) {
        piece[i] *= coefficient;
      }
      Chunks.narrow(piece, gradient, at, count);
    }
  }
}
