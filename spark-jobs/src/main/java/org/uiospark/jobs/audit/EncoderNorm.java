package org.uiospark.jobs.audit;

import java.util.function.IntToDoubleFunction;
import org.uiospark.model.adapter.AdapterShape;

/**
 * Norm of a gradient over the tensors that estimators change: {@code mem_embedding} and the
 * encoder's. The transfer head's gradient is exact under every estimator.
 */
final class EncoderNorm {
  private EncoderNorm() {}

  /**
   * The norm.
   *
   * @param values the gradient by index, in the layout of {@code shape}
   */
  static double of(AdapterShape shape, IntToDoubleFunction values) {
    double squares = 0;
    for (AdapterShape.Slot slot : shape.slots()) {
      if (!slot.name().startsWith("transfer.")) {
        for (int i = slot.offset(); i < slot.offset() + slot.size(); i++) {
          double value = values.applyAsDouble(i);
          squares += value * value;
        }
      }
    }
    return Math.sqrt(squares);
  }
}
