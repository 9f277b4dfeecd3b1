package org.uiospark.model.memory;

import ai.djl.Device;

/** Which library multiplies matrices, and with that how attention is computed. */
enum MatrixProducts {
  /**
   * oneDNN, on a CPU in float32. libtorch's own products go to MKL there, which uses AVX-512 on
   * Intel's processors alone; attention is built from products too, and computed block by block.
   */
  ONEDNN,
  /** libtorch's for the device and the type, with its fused attention: GPUs, bfloat16. */
  LIBTORCH;

  static MatrixProducts on(Device device, BasePrecision precision) {
    return device.isGpu() || precision != BasePrecision.FLOAT32 ? LIBTORCH : ONEDNN;
  }
}
