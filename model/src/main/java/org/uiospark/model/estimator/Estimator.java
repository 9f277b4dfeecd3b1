package org.uiospark.model.estimator;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import org.uiospark.model.input.InvalidInputException;

/** Which terms of back-propagation through time are added up, and with which weight. */
public sealed interface Estimator {

  /**
   * Draws the weights for one sequence.
   *
   * @param segments segments of the sequence, T
   * @param random keyed by (seed, step, sequence); see {@link KeyedRandom}
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

  private static void atLeastOne(String key, int value) {
    if (value < 1) {
      throw new InvalidInputException(key + " " + value + " is out of range: at least 1");
    }
  }

  /** All pairs with weight 1: full back-propagation through time. */
  record Exact() implements Estimator {
    @Override
    public PairWeights draw(int segments, SplittableRandom random) {
      return PairWeights.upTo(segments, s -> segments, t -> 1);
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
      // The last segment that counts is window behind; the sum is at most T, whatever the window.
      return PairWeights.upTo(segments, s -> s + 1 + Math.min(window, segments - s - 1), t -> 1);
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
      int[] reservoir = new int[Math.min(window, segments)];
      int[] end = new int[segments];
      for (int t = 0; t < segments; t++) {
        int slot = t < window ? t : random.nextInt(t + 1);
        if (slot < window) {
          if (t >= window) {
            end[reservoir[slot]] = t + 1;
          }
          reservoir[slot] = t;
          end[t] = segments;
        } else {
          end[t] = t + 1;
        }
      }
      return PairWeights.ofReservoir(end, window);
    }
  }

  /**
   * K of the T - 1 encoded segments, drawn without replacement before the sequence starts, each as
   * likely as any other, weigh {@code (T - 1) / K}; the others are never back-propagated. Unbiased.
   *
   * <p>The draw is spread over the sequence: about one of every {@code (T - 1) / K} segments in a
   * row. Early memories are read by more segments than late ones, so a draw from all of them alike
   * would have more variance.
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
      int[] drawn = spread(encoded, random);
      Arrays.sort(drawn);
      return PairWeights.upTo(
          segments,
          s -> Arrays.binarySearch(drawn, s) < 0 ? s + 1 : segments,
          t -> (double) encoded / samples);
    }

    /**
     * The pivotal method in order (Deville and Tille, Biometrika 85, 1998): one segment at a time
     * is in the running. It meets the next one; either takes the chance of both, or, where that is
     * more than certain, one is drawn and the other runs on with the rest. Chances are whole
     * numbers of {@code 1 / encoded}, so they are exact.
     */
    private int[] spread(int encoded, SplittableRandom random) {
      int[] drawn = new int[samples];
      int count = 0;
      int running = 0;
      int chance = samples;
      for (int next = 1; next < encoded; next++) {
        int both = chance + samples;
        if (both < encoded) {
          running = random.nextInt(both) < chance ? running : next;
          chance = both;
        } else {
          boolean first = random.nextInt(2 * encoded - both) < encoded - samples;
          drawn[count++] = first ? running : next;
          running = first ? next : running;
          chance = both - encoded;
        }
      }
      return drawn;
    }
  }
}
