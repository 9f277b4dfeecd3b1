package org.uiospark.data.copies;

import java.io.Serializable;
import java.util.Comparator;

/**
 * A document in a bucket of its signature: those of one bucket stand together, in the order of the
 * input.
 *
 * @param bucket of one band
 * @param slice the number of its slice
 * @param document its place in the slice
 */
record Banded(long bucket, int slice, int document) implements Comparable<Banded>, Serializable {
  private static final Comparator<Banded> ORDER =
      Comparator.comparingLong(Banded::bucket)
          .thenComparingInt(Banded::slice)
          .thenComparingInt(Banded::document);

  @Override
  public int compareTo(Banded other) {
    return ORDER.compare(this, other);
  }

  /** Spark places it by this: the same for one bucket, in every JVM. */
  @Override
  public int hashCode() {
    return Long.hashCode(bucket);
  }
}
