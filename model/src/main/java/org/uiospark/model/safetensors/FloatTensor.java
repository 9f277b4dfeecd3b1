package org.uiospark.model.safetensors;

import java.util.Locale;

/**
 * A float32 tensor to be written: a slice of a larger vector.
 *
 * @param name its name in the file
 * @param dimensions row-major; empty for a scalar
 * @param values the vector, not copied
 * @param offset index of the first value
 */
public record FloatTensor(String name, long[] dimensions, float[] values, int offset) {
  /** Checks that the slice lies in the vector. */
  public FloatTensor {
    long size = 1;
    for (long dimension : dimensions) {
      size = Math.multiplyExact(size, dimension);
    }
    if (offset < 0 || size < 0 || offset + size > values.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "tensor %s: %d values from %d in a vector of %d",
              name,
              size,
              offset,
              values.length));
    }
  }

  /** A whole vector of one dimension. */
  public static FloatTensor vector(String name, float[] values) {
    return new FloatTensor(name, new long[] {values.length}, values, 0);
  }

  /** Number of values. */
  public int size() {
    long size = 1;
    for (long dimension : dimensions) {
      size *= dimension;
    }
    return (int) size;
  }
}
