package org.uiospark.model.kernel;

import ai.djl.Device;
import java.nio.ByteBuffer;

/**
 * The type that the frozen weights have on the device, and the adapter that is multiplied with
 * them; gradients are float32 always.
 */
public enum BasePrecision {
  /** 4 bytes a weight; the default on a CPU. */
  FLOAT32(6, 4),
  /** 2 bytes a weight; the default on a GPU. */
  BFLOAT16(15, 2);

  private final int scalarType;
  private final int bytes;

  BasePrecision(int scalarType, int bytes) {
    this.scalarType = scalarType;
    this.bytes = bytes;
  }

  /** What a base model has on a device unless someone asks for another. */
  public static BasePrecision defaultOn(Device device) {
    return device.isGpu() ? BFLOAT16 : FLOAT32;
  }

  /** Number of the type in ATen. */
  int scalarType() {
    return scalarType;
  }

  /** Bytes a value. */
  public int bytes() {
    return bytes;
  }

  /** Packs values of this type that float32 holds, all in this machine's order of bytes. */
  void pack(ByteBuffer floats, ByteBuffer packed) {
    if (this == FLOAT32) {
      packed.put(floats);
      return;
    }
    while (floats.hasRemaining()) {
      // bfloat16 is the upper half of float32.
      packed.putShort((short) (floats.getInt() >>> Short.SIZE));
    }
  }

  /** The way back of {@link #pack}. */
  void unpack(ByteBuffer packed, ByteBuffer floats) {
    if (this == FLOAT32) {
      floats.put(packed);
      return;
    }
    while (packed.hasRemaining()) {
      floats.putInt(packed.getShort() << Short.SIZE);
    }
  }
}
