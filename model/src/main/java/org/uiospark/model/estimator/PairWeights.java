package org.uiospark.model.estimator;

import java.util.List;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The weight of {@code dJ_t / dm_s} in the gradient of the encoder, for every pair of a decoded
 * segment t and an earlier segment s of one sequence.
 *
 * <p>All randomness of an estimator is drawn here, before the sequence starts, so the sweeps that
 * compute the gradient are the same for every estimator.
 */
public final class PairWeights {
  private final int segments;
  private final double[][] weights;

  private PairWeights(int segments) {
    this.segments = segments;
    this.weights = new double[segments][];
    for (int t = 0; t < segments; t++) {
      weights[t] = new double[t];
    }
  }

  /** Every pair (t, s) weighs what {@code ofMemory} says of s. */
  static PairWeights byMemory(int segments, IntToDoubleFunction ofMemory) {
    PairWeights pairs = new PairWeights(segments);
    for (double[] row : pairs.weights) {
      for (int s = 0; s < row.length; s++) {
        row[s] = ofMemory.applyAsDouble(s);
      }
    }
    return pairs;
  }

  /** Pairs at most {@code window} apart weigh 1. */
  static PairWeights within(int segments, int window) {
    PairWeights pairs = new PairWeights(segments);
    for (int t = 0; t < segments; t++) {
      for (int s = Math.max(0, t - window); s < t; s++) {
        pairs.weights[t][s] = 1;
      }
    }
    return pairs;
  }

  /**
   * Pairs (t, s) with s in the reservoir at step t weigh {@code max(1, t / window)}.
   *
   * @param reservoir the content of the reservoir at each step t
   * @param window slots of the reservoir, S
   */
  public static PairWeights ofReservoir(List<? extends Set<Integer>> reservoir, int window) {
    PairWeights pairs = new PairWeights(reservoir.size());
    for (int t = 0; t < pairs.segments; t++) {
      for (int s : reservoir.get(t)) {
        pairs.weights[t][s] = Math.max(1, (double) t / window);
      }
    }
    return pairs;
  }

  /** The same pairs, each with weight 1: what an estimator gives without its correcting factor. */
  public PairWeights withoutFactor() {
    PairWeights pairs = new PairWeights(segments);
    for (int t = 0; t < segments; t++) {
      for (int s = 0; s < t; s++) {
        pairs.weights[t][s] = weights[t][s] == 0 ? 0 : 1;
      }
    }
    return pairs;
  }

  /** Number of segments T. */
  public int segments() {
    return segments;
  }

  /** Weight of {@code dJ_t / dm_s}, for s &lt; t. */
  public double weight(int t, int s) {
    return weights[t][s];
  }

  /** Whether any pair with s has weight: if not, s is never back-propagated. */
  public boolean differentiates(int s) {
    for (int t = s + 1; t < segments; t++) {
      if (weights[t][s] != 0) {
        return true;
      }
    }
    return false;
  }

  /** Number of segments that are back-propagated: what the cost of the weights goes with. */
  public int differentiated() {
    return (int) IntStream.range(0, segments).filter(this::differentiates).count();
  }

  /** Whether the weight of a pair depends on s alone, so that one sum over t serves. */
  public boolean dependOnMemoryAlone() {
    for (int t = 1; t < segments; t++) {
      for (int s = 0; s < t; s++) {
        if (weights[t][s] != weights[s + 1][s]) {
          return false;
        }
      }
    }
    return true;
  }
}
