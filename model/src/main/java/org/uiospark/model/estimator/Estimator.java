package org.uiospark.model.estimator;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import org.uiospark.model.InvalidInputException;

/** Which terms of back-propagation through time are added up, and with which weight. */
public sealed interface Estimator {

  /**
   * Draws the weights for one sequence.
   *
   * @param segments segments of the sequence, T
   * @param random keyed by (seed, step, sequence); see {@link #keyed}
   */
  PairWeights draw(int segments, SplittableRandom random);

  /**
   * The estimator of a name.
   *
   * @param window S of {@code tbptt} and {@code unbiased}
   * @param samples K of {@code sampled}
   */
  static Estimator named(String name, int window, int samples) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "exact" -> new Exact();
      case "tbptt" -> new Truncated(window);
      case "unbiased" -> new Unbiased(window);
      case "sampled" -> new Sampled(samples);
      default ->
          throw new InvalidInputException(
              "estimator '" + name + "' is unknown; choose exact, tbptt, unbiased or sampled");
    };
  }

  /** A generator that depends on nothing but its key (SplitMix64 finalizer over the parts). */
  static SplittableRandom keyed(long seed, long step, long sequence) {
    return new SplittableRandom(mix(mix(mix(seed) ^ step) ^ sequence));
  }

  private static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  private static void atLeastOne(String key, int value) {
    if (value < 1) {
      throw new InvalidInputException(key + " " + value + " is out of range: at least 1");
    }
  }

  /** All pairs with weight 1: full back-propagation through time. */
  record Exact() implements Estimator {
    @Override
    public PairWeights draw(int segments, SplittableRandom random) {
      return PairWeights.byMemory(segments, s -> 1);
    }
  }

  /**
   * Truncated back-propagation: pairs at most {@code window} segments apart. Biased.
   *
   * @param window S, at least 1
   */
  record Truncated(int window) implements Estimator {
    /** Checks the window. */
    public Truncated {
      atLeastOne("window", window);
    }

    @Override
    public PairWeights draw(int segments, SplittableRandom random) {
      return PairWeights.within(segments, window);
    }
  }

  /**
   * The paper's: finished segments enter a reservoir (Vitter's algorithm R), pairs with a member
   * weigh {@code max(1, t / S)}. A segment that left never returns.
   *
   * @param window slots of the reservoir S, at least 1
   */
  record Unbiased(int window) implements Estimator {
    /** Checks the window. */
    public Unbiased {
      atLeastOne("window", window);
    }

    @Override
    public PairWeights draw(int segments, SplittableRandom random) {
      List<Integer> reservoir = new ArrayList<>();
      List<Set<Integer>> atStep = new ArrayList<>();
      for (int t = 0; t < segments; t++) {
        atStep.add(new HashSet<>(reservoir));
        if (t < window) {
          reservoir.add(t);
        } else {
          int slot = random.nextInt(t + 1);
          if (slot < window) {
            reservoir.set(slot, t);
          }
        }
      }
      return PairWeights.ofReservoir(atStep, window);
    }
  }

  /**
   * K of the T - 1 encoded segments, drawn uniformly without replacement before the sequence
   * starts, weigh {@code (T - 1) / K}; the others are never back-propagated. Unbiased.
   *
   * @param samples K, at least 1; more than T - 1 is {@link Exact}
   */
  record Sampled(int samples) implements Estimator {
    /** Checks the number of samples. */
    public Sampled {
      atLeastOne("samples", samples);
    }

    @Override
    public PairWeights draw(int segments, SplittableRandom random) {
      int encoded = segments - 1;
      if (samples >= encoded) {
        return new Exact().draw(segments, random);
      }
      int[] order = new int[encoded];
      for (int s = 0; s < encoded; s++) {
        order[s] = s;
      }
      double[] weight = new double[encoded];
      for (int k = 0; k < samples; k++) {
        int other = k + random.nextInt(encoded - k);
        int drawn = order[other];
        order[other] = order[k];
        weight[drawn] = (double) encoded / samples;
      }
      return PairWeights.byMemory(segments, s -> weight[s]);
    }
  }
}
