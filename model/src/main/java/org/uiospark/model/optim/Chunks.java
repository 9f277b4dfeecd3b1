package org.uiospark.model.optim;

import java.util.stream.IntStream;

/**
 * A flat vector in chunks of a fixed size, which threads share: neither the chunks nor what is
 * computed from one depend on the number of threads.
 */
public final class Chunks {
  /** Elements of a chunk; the last one of a vector may have fewer. */
  public static final int SIZE = 1 << 16;

  /** Doubles that are computed at a time: a few such arrays fit the first-level cache. */
  static final int PIECE = 1 << 10;

  private Chunks() {}

  /** What is done with the elements from {@code from} to before {@code to}. */
  public interface Work {
    void on(int from, int to);
  }

  /** What is asked of the elements from {@code from} to before {@code to}. */
  public interface Question {
    boolean of(int from, int to);
  }

  /** Works on all elements of a vector, in parallel. */
  public static void forEach(int size, Work work) {
    IntStream.range(0, count(size))
        .parallel()
        .forEach(chunk -> work.on(chunk * SIZE, end(size, chunk)));
  }

  /** Whether the answer is yes for every chunk of a vector, in parallel; a no ends it early. */
  public static boolean all(int size, Question question) {
    return IntStream.range(0, count(size))
        .parallel()
        .allMatch(chunk -> question.of(chunk * SIZE, end(size, chunk)));
  }

  /** Whether no element from {@code from} to before {@code to} is infinite or NaN. */
  public static boolean finite(float[] values, int from, int to) {
    // Only the largest exponent, plus one, reaches the sign: a loop without a branch.
    int signs = 0;
    for (int i = from; i < to; i++) {
      signs |= (Float.floatToRawIntBits(values[i]) & 0x7f800000) + 0x00800000;
    }
    return signs >= 0;
  }

  /**
   * Copies {@code count} elements from {@code from} on into doubles. HotSpot makes vector
   * instructions of a loop over doubles; with conversions among its operations each element waits
   * for the one before it (JDK-8318562), four times as long.
   */
  static void widen(float[] values, int from, double[] piece, int count) {
    for (int i = 0; i < count; i++) {
      piece[i] = values[from + i];
    }
  }

  /** Rounds {@code count} doubles into the elements from {@code from} on. */
  static void narrow(double[] piece, float[] values, int from, int count) {
    for (int i = 0; i < count; i++) {
      values[from + i] = (float) piece[i];
    }
  }

  /** Chunks of a vector. */
  public static int count(int size) {
    return (int) (((long) size + SIZE - 1) / SIZE);
  }

  static int end(int size, int chunk) {
    return (int) Math.min(size, (chunk + 1L) * SIZE);
  }
}
