package org.uiospark.model.gradient;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import org.uiospark.model.kernel.BankGradient;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.SegmentReader;

/** Which loss of a decoded segment is differentiated. */
interface SegmentLoss extends AutoCloseable {
  /** Next-token prediction alone. */
  SegmentLoss CROSS_ENTROPY =
      new SegmentLoss() {
        @Override
        public double ofFirst(double crossEntropy) {
          return crossEntropy;
        }

        @Override
        public double addGradient(
            int t, NDArray ids, NDArray targets, BankGradient sums, float[] rowWeights) {
          return sums.addCrossEntropy(ids, targets, rowWeights);
        }

        @Override
        public void close() {}
      };

  /** The loss that is set, for one sequence. */
  static SegmentLoss of(
      MemoryModel model, Optional<Distillation> distillation, SegmentReader reader) {
    return distillation
        .<SegmentLoss>map(mixed -> new Teacher(model, mixed, reader))
        .orElse(CROSS_ENTROPY);
  }

  /** The loss of the first segment, which has no memory and so no gradient. */
  double ofFirst(double crossEntropy);

  /**
   * Decodes segment t and adds the gradient of its loss.
   *
   * @param ids its tokens {@code [n]}
   * @param targets {@code [n]}
   * @param rowWeights of the rows of the bank, or none
   * @return the loss, in nats
   */
  double addGradient(int t, NDArray ids, NDArray targets, BankGradient sums, float[] rowWeights);

  @Override
  void close();
}
