package org.uiospark.model.reference;

/** How far two gradients are apart. */
public final class Distance {
  private Distance() {}

  /** Norm of the difference over the norm of {@code expected}; the former alone where that is 0. */
  public static double relative(float[] actual, float[] expected) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow(actual[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference) / (norm == 0 ? 1 : Math.sqrt(norm));
  }
}
