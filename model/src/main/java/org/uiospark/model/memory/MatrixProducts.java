package org.uiospark.model.memory;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which library multiplies matrices, and with that how attention is computed. */
enum MatrixProducts {
  /**
   * oneDNN, for float32 on a CPU that is not Intel's. libtorch's own products go to MKL there,
   * which uses AVX-512 on Intel's processors alone; attention is built from products too, and
   * computed block by block.
   */
  ONEDNN,
  /** libtorch's for the device and the type, with its fused attention. */
  LIBTORCH;

  private static final boolean INTEL = isIntel();

  static MatrixProducts on(Device device, BasePrecision precision) {
    return device.isGpu() || precision != BasePrecision.FLOAT32 || INTEL ? LIBTORCH : ONEDNN;
  }

  private static boolean isIntel() {
    try {
      return Files.readString(Path.of("/proc/cpuinfo")).contains("GenuineIntel");
    } catch (IOException e) {
      // Not Linux: no other system has told who made its processor.
      return false;
    }
  }
}
