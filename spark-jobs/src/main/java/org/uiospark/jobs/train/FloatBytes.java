package org.uiospark.jobs.train;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Float vectors as little-endian bytes: Java serialization of a large float array is slow. */
final class FloatBytes {
  private FloatBytes() {}

  static byte[] encode(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  static float[] decode(byte[] bytes) {
    float[] values = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }
}
