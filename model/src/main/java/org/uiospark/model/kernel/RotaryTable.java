package org.uiospark.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import org.uiospark.model.llama.LlamaConfig;

/**
 * Cosines and sines of RoPE at given positions, {@code [n, d]} each, computed in double, times the
 * magnitude that some kinds of RoPE have.
 *
 * <p>The second half of a row repeats the first (HuggingFace's {@code rotate_half} convention).
 *
 * @param cos cosines
 * @param sin sines
 */
record RotaryTable(NDArray cos, NDArray sin) {

  /**
   * @param reach number of positions in use at once, which some kinds of RoPE depend on
   */
  static RotaryTable of(NDManager manager, int[] positions, LlamaConfig config, int reach) {
    double magnitude = config.rotary().scaling().magnitude();
    int headDim = config.attention().headDim();
    int half = headDim / 2;
    float[] cos = new float[positions.length * headDim];
    float[] sin = new float[positions.length * headDim];
    for (int i = 0; i < half; i++) {
      double frequency = config.ropeFrequency(i, reach);
      for (int row = 0; row < positions.length; row++) {
        double angle = positions[row] * frequency;
        int at = row * headDim + i;
        cos[at] = (float) (magnitude * Math.cos(angle));
        cos[at + half] = cos[at];
        sin[at] = (float) (magnitude * Math.sin(angle));
        sin[at + half] = sin[at];
      }
    }
    Shape shape = new Shape(positions.length, headDim);
    return new RotaryTable(
        manager.create(FloatBuffer.wrap(cos), shape), manager.create(FloatBuffer.wrap(sin), shape));
  }

  /**
   * The rows from {@code first} on.
   *
   * @param manager owns the views, where they are some
   */
  RotaryTable from(int first, NDManager manager) {
    if (first == 0) {
      return this;
    }
    NDIndex range = new NDIndex(first + ":");
    RotaryTable part = new RotaryTable(cos.get(range), sin.get(range));
    part.cos.attach(manager);
    part.sin.attach(manager);
    return part;
  }
}
