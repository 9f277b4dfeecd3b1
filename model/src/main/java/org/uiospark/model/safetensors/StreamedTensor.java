package org.uiospark.model.safetensors;

import java.io.IOException;
import java.io.OutputStream;

/**
 * A tensor to be written whose bytes come as they are asked for.
 *
 * @param name its name in the file
 * @param dtype of its elements
 * @param dimensions row-major; empty for a scalar
 * @param body gives all its bytes, little-endian
 */
public record StreamedTensor(String name, DType dtype, long[] dimensions, Body body) {
  /** Where the bytes come from. */
  @FunctionalInterface
  public interface Body {
    /** Writes all of them. */
    void writeTo(OutputStream out) throws IOException;
  }

  /** Number of bytes. */
  public long length() {
    long length = dtype.bytes();
    for (long dimension : dimensions) {
      length = Math.multiplyExact(length, dimension);
    }
    return length;
  }
}
