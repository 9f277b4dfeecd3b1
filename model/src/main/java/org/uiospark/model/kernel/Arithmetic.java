package org.uiospark.model.kernel;

import ai.djl.Device;
import ai.djl.pytorch.jni.JniUtils;
import java.io.Serializable;
import java.util.Locale;

/**
 * How a CPU computes: another choice rounds otherwise, so it is part of the bits of a result.
 *
 * @param products which library multiplies float32 matrices
 * @param threads torch threads that one call of a kernel uses
 */
public record Arithmetic(MatrixProducts products, int threads) implements Serializable {

  /** Refuses what no kernel can run with. */
  public Arithmetic {
    if (threads < 1) {
      throw new IllegalArgumentException("threads " + threads + " must be 1 or more");
    }
  }

  /** What is faster on this processor, with so many threads. */
  public static Arithmetic here(int threads) {
    return new Arithmetic(MatrixProducts.here(), threads);
  }

  /** The same with the threads that the engine was started with. */
  static Arithmetic ofEngine() {
    return here(JniUtils.getNumThreads());
  }

  /** The same products with other threads. */
  public Arithmetic with(int otherThreads) {
    return new Arithmetic(products, otherThreads);
  }

  /** What of it holds on a device: oneDNN is for float32 on a CPU. */
  Arithmetic on(Device device, BasePrecision precision) {
    return device.isGpu() || precision != BasePrecision.FLOAT32
        ? new Arithmetic(MatrixProducts.LIBTORCH, threads)
        : this;
  }

  /** The products as settings name them. */
  public String productsName() {
    return products.name().toLowerCase(Locale.ROOT);
  }
}
