package org.uiospark.model.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FloatBitsTest {
  /** Of IEEE 754: the largest and the smallest that are finite, and what is not, by their bits. */
  @ParameterizedTest
  @CsvSource({
    "F32, 7f7fffff, false",
    "F32, ff7fffff, false",
    "F32, 00000001, false",
    "F32, 80000000, false",
    "F32, 7f800000, true",
    "F32, ff800000, true",
    "F32, 7fc00000, true",
    "F32, ff800001, true",
    "BF16, 7f7f, false",
    "BF16, 8001, false",
    "BF16, 7c00, false",
    "BF16, 7f80, true",
    "BF16, ff80, true",
    "BF16, 7f81, true",
    "F16, 7bff, false",
    "F16, fbff, false",
    "F16, 0001, false",
    "F16, 7c00, true",
    "F16, fc00, true",
    "F16, 7e01, true"
  })
  void whatIsNotFiniteIsFoundByItsPlace(DType dtype, String bits, boolean found) {
    int place = 3;
    ByteBuffer bytes = ByteBuffer.allocate(1 + 7 * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    bytes.position(1);
    int at = 1 + place * dtype.bytes();
    if (dtype == DType.F32) {
      bytes.putInt(at, Integer.parseUnsignedInt(bits, 16));
    } else {
      bytes.putShort(at, (short) Integer.parseInt(bits, 16));
    }

    assertThat(FloatBits.firstNotFinite(dtype, bytes)).isEqualTo(found ? place : -1);
    assertThat(bytes.position()).isEqualTo(1);
  }

  @Test
  void theFirstOfSeveralCounts() {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putShort(2, (short) 0x7f80).putShort(6, (short) 0x7f80);

    assertThat(FloatBits.firstNotFinite(DType.BF16, bytes)).isEqualTo(1);
    assertThat(FloatBits.firstNotFinite(DType.F16, bytes.clear().limit(0))).isEqualTo(-1);
  }
}
