package org.uiospark.data.copies;

import java.io.IOException;
import java.io.Reader;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The signature of a text: of each of 128 hash functions the low 8 bits of its least value over all
 * shingles. Two texts with Jaccard similarity J agree in a byte with probability J + (1 - J) / 256
 * (Broder 1997; Li and Koenig 2010).
 */
public final class MinHash {
  /** Bytes of a signature. */
  static final int SIZE = 128;

  private static final double CHANCE = 1.0 / 256;
  private static final long SEED = 20_261_129;
  private static final long[] FACTORS = new SplittableRandom(SEED).longs(SIZE).toArray();
  private static final long[] OFFSETS = new SplittableRandom(SEED + 1).longs(SIZE).toArray();

  private final int[] least = new int[SIZE];
  private boolean any;

  private MinHash() {
    Arrays.fill(least, Integer.MAX_VALUE);
  }

  /** The signature of a text, which is read to its end; empty if there is no word in it. */
  public static byte[] of(Reader text) throws IOException {
    MinHash hash = new MinHash();
    Shingles.of(text, hash::add);
    return hash.signature();
  }

  private void add(long shingle) {
    any = true;
    for (int i = 0; i < SIZE; i++) {
      int value = (int) ((FACTORS[i] | 1) * shingle + OFFSETS[i] >>> Integer.SIZE);
      least[i] = Math.min(least[i], value);
    }
  }

  private byte[] signature() {
    byte[] signature = new byte[any ? SIZE : 0];
    for (int i = 0; i < signature.length; i++) {
      signature[i] = (byte) least[i];
    }
    return signature;
  }

  /** Bytes in which signatures agree if the texts are as near as that. */
  static int agreeing(double similarity) {
    return (int) Math.ceil(SIZE * (similarity + (1 - similarity) * CHANCE));
  }

  static boolean agree(byte[] one, byte[] other, int bytes) {
    int agreeing = 0;
    for (int i = 0; i < SIZE; i++) {
      agreeing += one[i] == other[i] ? 1 : 0;
    }
    return agreeing >= bytes;
  }
}
