package org.uiospark.model.reference;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A random direction among adapters, of norm 1.
 *
 * @param values by tensor
 */
record Direction(Map<String, double[]> values) {

  /**
   * Draws a direction that moves some tensors only.
   *
   * @param adapter gives their sizes
   */
  static Direction draw(
      Map<String, double[]> adapter, Collection<String> names, SplittableRandom random) {
    Map<String, double[]> values = new LinkedHashMap<>();
    double squares = 0;
    for (String name : names) {
      double[] drawn = new double[adapter.get(name).length];
      Arrays.setAll(drawn, i -> random.nextGaussian());
      squares += Arrays.stream(drawn).map(value -> value * value).sum();
      values.put(name, drawn);
    }
    double norm = Math.sqrt(squares);
    values.replaceAll((name, drawn) -> Arrays.stream(drawn).map(value -> value / norm).toArray());
    return new Direction(values);
  }

  /** How fast the loss changes along it, by a gradient. */
  double along(Map<String, double[]> gradient) {
    double sum = 0;
    for (Map.Entry<String, double[]> entry : values.entrySet()) {
      double[] towards = gradient.get(entry.getKey());
      for (int i = 0; i < towards.length; i++) {
        sum += towards[i] * entry.getValue()[i];
      }
    }
    return sum;
  }

  /** Root of the mean square of {@link #along} over all directions of these tensors. */
  double usual(Map<String, double[]> gradient) {
    double squares = 0;
    long size = 0;
    for (String name : values.keySet()) {
      double[] towards = gradient.get(name);
      squares += Arrays.stream(towards).map(value -> value * value).sum();
      size += towards.length;
    }
    return Math.sqrt(squares / size);
  }
}
