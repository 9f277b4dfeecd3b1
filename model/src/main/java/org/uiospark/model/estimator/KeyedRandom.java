package org.uiospark.model.estimator;

import java.util.SplittableRandom;

/**
 * Random numbers that depend on nothing but a key, (seed, step, sequence) in training: whoever
 * draws for a sequence, when and where, draws the same.
 */
public final class KeyedRandom {
  private KeyedRandom() {}

  /** The generator of a key, by the finalizer of SplitMix64 over its parts. */
  public static SplittableRandom of(long seed, long step, long sequence) {
    return new SplittableRandom(mix(mix(mix(seed) ^ step) ^ sequence));
  }

  private static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
