package org.uiospark.model.memory;

import ai.djl.ndarray.types.DataType;

/**
 * The type that the frozen weights have on the device; adapter and gradients are float32 always.
 */
public enum BasePrecision {
  /** 4 bytes a weight; the default on a CPU. */
  FLOAT32(DataType.FLOAT32),
  /** 2 bytes a weight; the default on a GPU. */
  BFLOAT16(DataType.BFLOAT16);

  private final DataType type;

  BasePrecision(DataType type) {
    this.type = type;
  }

  DataType type() {
    return type;
  }
}
