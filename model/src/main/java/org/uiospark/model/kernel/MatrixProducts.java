package org.uiospark.model.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which library multiplies matrices on a CPU, and with that how attention is computed. */
public enum MatrixProducts {
  /**
   * oneDNN, for float32; attention is built from products too, and computed block by block. Faster
   * where libtorch's own products, which go to MKL, leave AVX-512 unused.
   */
  ONEDNN,
  /** libtorch's, with its fused attention; the only ones on a GPU and for bfloat16. */
  LIBTORCH;

  private static final MatrixProducts HERE = ofProcessor();

  /** The faster ones for float32 on the processor of this machine. */
  public static MatrixProducts here() {
    return HERE;
  }

  private static MatrixProducts ofProcessor() {
    try {
      return of(Files.readString(Path.of("/proc/cpuinfo")));
    } catch (IOException e) {
      // Not Linux: no other system has told what its processor can.
      return LIBTORCH;
    }
  }

  /**
   * MKL takes AVX-512 on Intel's processors alone, and half the speed of oneDNN elsewhere. Without
   * those instructions both multiply equally fast, and libtorch's attention is the faster one.
   *
   * @param cpuinfo as Linux describes its processors
   */
  static MatrixProducts of(String cpuinfo) {
    boolean unusedByMkl = cpuinfo.contains(" avx512f") && !cpuinfo.contains("GenuineIntel");
    return unusedByMkl ? ONEDNN : LIBTORCH;
  }
}
