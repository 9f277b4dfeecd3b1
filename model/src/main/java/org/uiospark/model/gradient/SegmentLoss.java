package org.uiospark.model.gradient;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import org.uiospark.model.kernel.BankGradient;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.SegmentReader;
import org.uiospark.model.reading.SequenceTokens;

/** Which loss of a decoded segment is differentiated. */
interface SegmentLoss extends AutoCloseable {
  /** Next-token prediction alone. */
  SegmentLoss CROSS_ENTROPY =
      new SegmentLoss() {
        @Override
        public List<Double> ofSequence(List<Double> losses) {
          return losses;
        }

        @Override
        public NDArray addGradient(
            int t, NDArray ids, NDArray targets, BankGradient sums, float[] rowWeights) {
          return sums.addCrossEntropy(ids, targets, rowWeights);
        }

        @Override
        public void close() {}
      };

  /** The loss that is set, for one sequence. */
  static SegmentLoss of(
      MemoryModel model,
      Optional<Distillation> distillation,
      SegmentReader reader,
      SequenceTokens tokens) {
    return distillation
        .<SegmentLoss>map(mixed -> new Teacher(model, mixed, reader, tokens))
        .orElse(CROSS_ENTROPY);
  }

  /**
   * The losses of a sequence, or of its first segments.
   *
   * @param losses of the first segment, which has no memory and so no gradient, the cross-entropy;
   *     of the others what {@link #addGradient} gave
   */
  List<Double> ofSequence(List<Double> losses);

  /**
   * Decodes segment t and adds the gradient of its loss.
   *
   * @param ids its tokens {@code [n]}
   * @param targets {@code [n]}
   * @param rowWeights of the rows of the bank, or none
   * @return the loss in nats, {@code [1]} float64
   */
  NDArray addGradient(int t, NDArray ids, NDArray targets, BankGradient sums, float[] rowWeights);

  @Override
  void close();
}
