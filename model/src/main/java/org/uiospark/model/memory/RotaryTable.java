package org.uiospark.model.memory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import org.uiospark.model.llama.LlamaConfig;

/**
 * Cosines and sines of RoPE at given positions, {@code [n, d]} each, computed in double.
 *
 * <p>The second half of a row repeats the first (HuggingFace's {@code rotate_half} convention).
 *
 * @param cos cosines
 * @param sin sines
 */
record RotaryTable(NDArray cos, NDArray sin) {

  static RotaryTable of(NDManager manager, int[] positions, LlamaConfig config) {
    int headDim = config.headDim();
    int half = headDim / 2;
    float[] cos = new float[positions.length * headDim];
    float[] sin = new float[positions.length * headDim];
    for (int i = 0; i < half; i++) {
      double frequency = config.ropeFrequency(i);
      for (int row = 0; row < positions.length; row++) {
        double angle = positions[row] * frequency;
        int at = row * headDim + i;
        cos[at] = (float) Math.cos(angle);
        cos[at + half] = cos[at];
        sin[at] = (float) Math.sin(angle);
        sin[at + half] = sin[at];
      }
    }
    Shape shape = new Shape(positions.length, headDim);
    return new RotaryTable(
        manager.create(FloatBuffer.wrap(cos), shape), manager.create(FloatBuffer.wrap(sin), shape));
  }
}
