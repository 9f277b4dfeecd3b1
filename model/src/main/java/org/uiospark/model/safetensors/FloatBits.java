package org.uiospark.model.safetensors;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;

/** Floating-point numbers as they lie in a file, read without converting them. */
public final class FloatBits {
  /** The exponents, which are all ones in what is infinite or no number. */
  private static final int F32 = 0x7f800000;

  private static final int BF16 = 0x7f80;
  private static final int F16 = 0x7c00;

  private FloatBits() {}

  /**
   * Index of the first number that is infinite or NaN, -1 where all are finite.
   *
   * @param dtype F32, BF16 or F16
   * @param bytes whole numbers between position and limit, which stay
   */
  public static int firstNotFinite(DType dtype, ByteBuffer bytes) {
    return switch (dtype) {
      case F32 -> first(bytes.slice().order(bytes.order()).asIntBuffer());
      case BF16 -> first(bytes.slice().order(bytes.order()).asShortBuffer(), BF16);
      case F16 -> first(bytes.slice().order(bytes.order()).asShortBuffer(), F16);
      default -> throw new IllegalArgumentException(dtype + " is no type of weights");
    };
  }

  private static int first(IntBuffer numbers) {
    for (int i = 0; i < numbers.limit(); i++) {
      if ((numbers.get(i) & F32) == F32) {
        return i;
      }
    }
    return -1;
  }

  private static int first(ShortBuffer numbers, int exponent) {
    for (int i = 0; i < numbers.limit(); i++) {
      if ((numbers.get(i) & exponent) == exponent) {
        return i;
      }
    }
    return -1;
  }
}
