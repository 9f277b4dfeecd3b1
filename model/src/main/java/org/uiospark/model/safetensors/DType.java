package org.uiospark.model.safetensors;

import org.uiospark.model.input.InvalidInputException;

/** Element types of the safetensors format. */
public enum DType {
  BOOL(1),
  U8(1),
  I8(1),
  F8_E4M3(1),
  F8_E5M2(1),
  I16(2),
  U16(2),
  F16(2),
  BF16(2),
  I32(4),
  U32(4),
  F32(4),
  F64(8),
  I64(8),
  U64(8);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Whether {@link SafetensorsFile.Tensor#floats()} can read it: F32, BF16 or F16. */
  public boolean isReadableAsFloat() {
    return this == F32 || this == BF16 || this == F16;
  }

  /**
   * The type that a header names.
   *
   * @param where file and tensor, for the message
   * @throws InvalidInputException if there is no such type
   */
  static DType named(String name, String where) {
    for (DType type : values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    throw new InvalidInputException(where + " has the unknown dtype " + name);
  }
}
