package org.uiospark.jobs.task;

import java.io.Externalizable;
import java.io.IOException;
import java.io.ObjectInput;
import java.io.ObjectOutput;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A float vector that is broadcast: its values cross as blocks of bytes, for Java serialization of
 * a large float array goes value by value. Tasks in the driver's JVM see its very values.
 */
public final class FloatVector implements Externalizable {
  private static final long serialVersionUID = 1L;
  private static final int BLOCK = 1 << 14;

  private float[] values;

  /** Makes an empty vector, which deserialization fills. */
  public FloatVector() {}

  /**
   * @param values shared and not copied
   */
  public FloatVector(float[] values) {
    this.values = values;
  }

  /** The values themselves, not a copy. */
  public float[] values() {
    return values;
  }

  @Override
  public void writeExternal(ObjectOutput out) throws IOException {
    out.writeInt(values.length);
    ByteBuffer block = block();
    for (int from = 0; from < values.length; from += BLOCK) {
      int count = Math.min(BLOCK, values.length - from);
      block.asFloatBuffer().put(values, from, count);
      out.write(block.array(), 0, count * Float.BYTES);
    }
  }

  @Override
  public void readExternal(ObjectInput in) throws IOException {
    values = new float[in.readInt()];
    ByteBuffer block = block();
    for (int from = 0; from < values.length; from += BLOCK) {
      int count = Math.min(BLOCK, values.length - from);
      in.readFully(block.array(), 0, count * Float.BYTES);
      block.asFloatBuffer().get(values, from, count);
    }
  }

  private static ByteBuffer block() {
    return ByteBuffer.allocate(BLOCK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }
}
