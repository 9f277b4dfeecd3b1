package org.uiospark.model.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/** Which loss of a decoded segment is differentiated, as a kernel and its own arguments. */
interface SegmentLoss extends AutoCloseable {
  /** Next-token prediction alone. */
  SegmentLoss CROSS_ENTROPY =
      new SegmentLoss() {
        @Override
        public double ofFirst(double crossEntropy) {
          return crossEntropy;
        }

        @Override
        public String kernel() {
          return "decode_gradient";
        }

        @Override
        public NDList arguments(int t, NDArray ids, NDArray targets) {
          return new NDList(ids, targets);
        }

        @Override
        public void close() {}
      };

  /** The loss of the first segment, which has no memory and so no gradient. */
  double ofFirst(double crossEntropy);

  /** The kernel that decodes and differentiates a segment. */
  String kernel();

  /** What that kernel takes before the row of the bank: tokens first, in their manager. */
  NDList arguments(int t, NDArray ids, NDArray targets);

  @Override
  void close();
}
