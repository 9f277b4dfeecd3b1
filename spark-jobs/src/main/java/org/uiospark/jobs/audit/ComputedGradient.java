package org.uiospark.jobs.audit;

import java.util.Arrays;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.gradient.SequenceGradient;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.segment.SequenceLoss;
import org.uiospark.model.segment.TokenSequence;

/**
 * The gradient of one sequence, computed as training does, every segment encoded again.
 *
 * @param loss of the sequence
 * @param shape layout of the gradient
 * @param values gradient of the loss sum
 * @param seconds time that it took, from the uploaded adapter to the values on the host
 */
record ComputedGradient(SequenceLoss loss, AdapterShape shape, float[] values, double seconds) {

  /** Computes it with the weights that an estimator drew. */
  static ComputedGradient of(
      MemoryModel model, DeviceAdapter adapter, TokenSequence sequence, PairWeights weights) {
    try (AdapterGradient gradient = adapter.newGradient()) {
      long start = System.nanoTime();
      SequenceLoss loss = new SequenceGradient(model, 0).add(gradient, sequence, weights);
      float[] values = gradient.copy();
      return new ComputedGradient(loss, model.shape(), values, (System.nanoTime() - start) / 1e9);
    }
  }

  /** The gradient of the mean loss over the valid labels of the sequence. */
  ComputedGradient mean() {
    float[] mean = values.clone();
    for (int i = 0; i < mean.length; i++) {
      mean[i] /= loss.validLabels();
    }
    return new ComputedGradient(loss, shape, mean, seconds);
  }

  /**
   * The values of the tensors that estimators change: {@code mem_embedding} and the encoder's. The
   * transfer head's gradient is exact under every estimator.
   */
  double[] encoderPart() {
    double[] part = new double[values.length];
    int size = 0;
    for (AdapterShape.Slot slot : shape.slots()) {
      if (!slot.name().startsWith("transfer.")) {
        for (int i = slot.offset(); i < slot.offset() + slot.size(); i++) {
          part[size++] = values[i];
        }
      }
    }
    return Arrays.copyOf(part, size);
  }

  /** Norm of {@link #encoderPart}. */
  double encoderNorm() {
    double[] part = encoderPart();
    return Math.sqrt(EstimatorComparison.dot(part, part));
  }
}
