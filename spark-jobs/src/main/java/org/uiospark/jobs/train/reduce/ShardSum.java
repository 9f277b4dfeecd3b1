package org.uiospark.jobs.train.reduce;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.uiospark.model.optim.Chunks;
import org.uiospark.model.optim.GradientNorm;

/**
 * The sum of one shard over the lanes that are added, in the order in which they are added: float
 * sums depend on it.
 */
final class ShardSum {
  /** Values that are added at a time: they stay in the cache. */
  private static final int PIECE = 1 << 12;

  /** Stands for no lane. */
  static final int NONE = -1;

  private final float[] values;
  private long validLabels;
  private int useless = NONE;

  /**
   * @param size values of the shard
   */
  ShardSum(int size) {
    this.values = new float[size];
  }

  /** Adds the part of a lane. */
  void add(int lane, LanePart part) {
    validLabels += part.number();
    FloatBuffer gradient = part.values();
    float[] piece = new float[PIECE];
    boolean finite = true;
    for (int at = 0; at < values.length; at += PIECE) {
      int count = Math.min(PIECE, values.length - at);
      gradient.get(at, piece, 0, count);
      for (int i = 0; i < count; i++) {
        values[at + i] += piece[i];
      }
      finite &= Chunks.finite(piece, 0, count);
    }
    if (!finite && useless == NONE) {
      useless = lane;
    }
  }

  /** The mean over the valid labels of all lanes, encoded for the driver. */
  byte[] mean() {
    // Up to 2^24 labels the bits are those of a division in float64, and the compiler makes vector
    // instructions of it.
    float labels = validLabels;
    for (int i = 0; i < values.length; i++) {
      values[i] /= labels;
    }
    int chunks = Chunks.count(values.length);
    int length = Integer.BYTES + chunks * Double.BYTES + values.length * Float.BYTES;
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(useless);
    for (int chunk = 0; chunk < chunks; chunk++) {
      int from = chunk * Chunks.SIZE;
      bytes.putDouble(
          GradientNorm.squares(values, from, Math.min(values.length, from + Chunks.SIZE)));
    }
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }
}
