package org.uiospark.jobs.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.junit.jupiter.api.Test;

class FloatVectorTest {
  @Test
  void theBitsOfEveryValueCross() throws Exception {
    // More than two blocks, the last not full.
    float[] values = new float[40_001];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.intBitsToFloat(0x3f800000 + i * 7919);
    }
    values[values.length - 1] = -0f;
    values[0] = Float.MIN_VALUE;

    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new FloatVector(values));
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(((FloatVector) in.readObject()).values()).containsExactly(values);
    }
  }
}
