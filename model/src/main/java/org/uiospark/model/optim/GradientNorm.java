package org.uiospark.model.optim;

import java.util.Arrays;
import java.util.stream.IntStream;

/** The global Euclidean norm of a gradient, the same bits for any number of threads. */
public final class GradientNorm {
  private static final int CHUNK = 1 << 16;

  private GradientNorm() {}

  /** The norm: chunks of fixed size in float64, added in their order. */
  public static double of(float[] gradient) {
    double[] sums = new double[chunks(gradient)];
    Arrays.parallelSetAll(sums, chunk -> squares(gradient, chunk));
    double sum = 0;
    for (double part : sums) {
      sum += part;
    }
    return Math.sqrt(sum);
  }

  /**
   * Scales the gradient in place by {@code maxNorm / (norm + 1e-6)} where that is below 1.
   *
   * @return the norm before; if it is not finite the gradient is left as it is, and must not be
   *     used
   */
  public static double clip(float[] gradient, double maxNorm) {
    double norm = of(gradient);
    double coefficient = maxNorm / (norm + 1e-6);
    if (Double.isFinite(norm) && coefficient < 1) {
      IntStream.range(0, chunks(gradient))
          .parallel()
          .forEach(chunk -> scale(gradient, chunk, coefficient));
    }
    return norm;
  }

  private static int chunks(float[] gradient) {
    return (int) (((long) gradient.length + CHUNK - 1) / CHUNK);
  }

  private static int end(float[] gradient, int chunk) {
    return (int) Math.min(gradient.length, (chunk + 1L) * CHUNK);
  }

  private static double squares(float[] gradient, int chunk) {
    double sum = 0;
    for (int i = chunk * CHUNK; i < end(gradient, chunk); i++) {
      sum += (double) gradient[i] * gradient[i];
    }
    return sum;
  }

  private static void scale(float[] gradient, int chunk, double coefficient) {
    for (int i = chunk * CHUNK; i < end(gradient, chunk); i++) {
      gradient[i] = (float) (gradient[i] * coefficient);
    }
  }
}
