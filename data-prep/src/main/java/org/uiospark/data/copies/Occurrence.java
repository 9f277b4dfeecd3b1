package org.uiospark.data.copies;

import java.io.Serializable;
import java.util.Comparator;
import org.uiospark.data.commit.KnownDocument;

/**
 * A document under its key: those of one key stand together, first those that the data set has,
 * then those of the input in its order.
 *
 * @param high of the key
 * @param low of the key
 * @param slice the number of its slice, or {@link #KNOWN}
 * @param document its place in the slice; of a known one {@link #COUNTED} or {@link #ANY}
 */
record Occurrence(long high, long low, int slice, int document)
    implements Comparable<Occurrence>, Serializable {
  static final int KNOWN = -1;
  static final int COUNTED = 0;
  static final int ANY = 1;

  private static final Comparator<Occurrence> ORDER =
      Comparator.comparingLong(Occurrence::high)
          .thenComparingLong(Occurrence::low)
          .thenComparingInt(Occurrence::slice)
          .thenComparingInt(Occurrence::document);

  static Occurrence of(KnownDocument known) {
    return new Occurrence(
        known.key().high(), known.key().low(), KNOWN, known.counted() ? COUNTED : ANY);
  }

  boolean hasKeyOf(Occurrence other) {
    return high == other.high && low == other.low;
  }

  @Override
  public int compareTo(Occurrence other) {
    return ORDER.compare(this, other);
  }

  /** Spark places it by this: the same for one key, in every JVM. */
  @Override
  public int hashCode() {
    return (int) low;
  }
}
