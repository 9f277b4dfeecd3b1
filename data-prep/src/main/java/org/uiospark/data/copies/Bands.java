package org.uiospark.data.copies;

import java.io.Serializable;

/**
 * How signatures are cut into bands: texts are compared where they agree in all bytes of one.
 *
 * @param rows bytes of a band
 */
record Bands(int rows) implements Serializable {
  /** The share of texts at the very threshold that may go unseen. */
  private static final double UNSEEN = 0.15;

  /** The widest bands, so the fewest comparisons, by which texts as near as that are seen. */
  static Bands of(double similarity) {
    int rows = MinHash.SIZE;
    while (rows > 1 && unseen(rows, similarity) > UNSEEN) {
      rows /= 2;
    }
    return new Bands(rows);
  }

  private static double unseen(int rows, double similarity) {
    return Math.pow(1 - Math.pow(similarity, rows), (double) MinHash.SIZE / rows);
  }

  int count() {
    return MinHash.SIZE / rows;
  }

  /** What two signatures share if they agree in a band, and hardly else. */
  long bucket(byte[] signature, int band) {
    long bucket = band;
    for (int i = band * rows; i < (band + 1) * rows; i++) {
      bucket = bucket * 0x9e3779b97f4a7c15L + signature[i];
      bucket ^= bucket >>> 29;
    }
    return bucket;
  }
}
