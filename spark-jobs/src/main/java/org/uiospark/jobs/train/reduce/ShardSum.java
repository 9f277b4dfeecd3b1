package org.uiospark.jobs.train.reduce;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.uiospark.jobs.exchange.LanePart;
import org.uiospark.model.optim.Chunks;
import org.uiospark.model.optim.GradientNorm;

/**
 * The sum of one stretch of the gradient over the lanes that are added, in the order in which they
 * are added: float sums depend on it.
 */
final class ShardSum {
  /** Values that are added at a time: they stay in the cache. */
  private static final int PIECE = 1 << 12;

  /** Stands for no lane. */
  static final int NONE = -1;

  private final float[] values;
  private final int from;
  private final int to;
  private final float[] piece = new float[PIECE];
  private long validLabels;
  private int useless = NONE;

  /**
   * @param values whose elements from {@code from}, where a chunk begins, to before {@code to}
   *     become the sum
   */
  ShardSum(float[] values, int from, int to) {
    this.values = values;
    this.from = from;
    this.to = to;
    Arrays.fill(values, from, to, 0);
  }

  /**
   * Adds a part of a lane.
   *
   * @param offset of the first value of the stretch in that part
   */
  void add(int lane, LanePart part, int offset) {
    validLabels += part.number();
    FloatBuffer gradient = part.bytes().slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    boolean finite = true;
    for (int at = from; at < to; at += PIECE) {
      int count = Math.min(PIECE, to - at);
      gradient.get(offset + at - from, piece, 0, count);
      for (int i = 0; i < count; i++) {
        values[at + i] += piece[i];
      }
      finite &= Chunks.finite(piece, 0, count);
    }
    if (!finite && useless == NONE) {
      useless = lane;
    }
  }

  /** Makes the mean over the valid labels of all lanes of it. */
  void divide() {
    // Up to 2^24 labels the bits are those of a division in float64, and the compiler makes vector
    // instructions of it.
    float labels = validLabels;
    for (int i = from; i < to; i++) {
      values[i] /= labels;
    }
  }

  /** The first lane whose part is not finite, or {@link #NONE}. */
  int useless() {
    return useless;
  }

  /** The sum of squares of each chunk. */
  double[] squares() {
    double[] squares = new double[Chunks.count(to - from)];
    for (int chunk = 0; chunk < squares.length; chunk++) {
      int begin = from + chunk * Chunks.SIZE;
      squares[chunk] = GradientNorm.squares(values, begin, Math.min(to, begin + Chunks.SIZE));
    }
    return squares;
  }

  /** All of it for the driver. */
  byte[] encode() {
    double[] squares = squares();
    int length = Integer.BYTES + squares.length * Double.BYTES + (to - from) * Float.BYTES;
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(useless);
    bytes.asDoubleBuffer().put(squares);
    bytes.position(bytes.position() + squares.length * Double.BYTES);
    bytes.asFloatBuffer().put(values, from, to - from);
    return bytes.array();
  }
}
