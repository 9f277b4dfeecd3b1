package org.uiospark.model.gradient;

import ai.djl.ndarray.NDArray;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.BankGradient;
import org.uiospark.model.kernel.EncodedSegments;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;

/**
 * The gradient of the losses of a sequence towards its memories, with the weights of an estimator
 * on the pairs (t, s), and the way from there to the adapter.
 */
final class PairSums implements AutoCloseable {
  private final MemoryModel model;
  private final PairWeights weights;
  private final int first;
  private final boolean oneSum;
  private final BankGradient sums;

  /**
   * @param bank of the sequence
   * @param rows of all its memories
   */
  PairSums(MemoryModel model, MemoryBank bank, PairWeights weights, int rows) {
    this(model, bank, weights, 0, rows);
  }

  /**
   * @param bank a part of that of the sequence
   * @param first the segment whose memory begins it
   * @param rows of its memories
   */
  PairSums(MemoryModel model, MemoryBank bank, PairWeights weights, int first, int rows) {
    this.model = model;
    this.weights = weights;
    this.first = first;
    this.oneSum = weights.dependOnMemoryAlone();
    this.sums =
        oneSum
            ? BankGradient.unweighted(model, bank, rows)
            : BankGradient.weighted(model, bank, rows);
  }

  /**
   * Decodes segment t, t &gt; 0; adds the gradient of its loss to the rows of all earlier memories.
   *
   * @param ids its tokens {@code [n]}
   * @param targets {@code [n]}
   * @return its loss in nats, {@code [1]} float64
   */
  NDArray add(int t, NDArray ids, NDArray targets, SegmentLoss loss) {
    return loss.addGradient(t, ids, targets, sums, rowWeights(t));
  }

  /** Decodes a segment behind {@code <repeat>}; adds its gradient to all rows, and its own. */
  NDArray addReconstruction(NDArray ids, AdapterGradient gradient) {
    return sums.addReconstruction(ids, gradient);
  }

  /** The weight of each row of the bank at step t; none where one sum serves. */
  private float[] rowWeights(int t) {
    int m = model.segments().memoryTokens();
    float[] rows = new float[oneSum ? 0 : t * m];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = (float) weights.weight(t, row / m);
    }
    return rows;
  }

  /** The sums towards the memories of the segments from s on, for {@link #add(byte[])}. */
  byte[] bytes(int s, int segments) {
    int m = model.segments().memoryTokens();
    return sums.bytes((s - first) * m, segments * m);
  }

  /** Adds sums towards all memories that are here. */
  void add(byte[] bytes) {
    sums.add(bytes);
  }

  /**
   * Adds to the adapter's gradient: through transfer head and, where s has weight, encoder.
   *
   * @param s the first of the segments, which all have weight or none
   * @param encoded those, one after the other
   */
  void propagate(int s, EncodedSegments encoded, AdapterGradient gradient) {
    double factor = weights.differentiates(s) ? 1 : 0;
    if (oneSum) {
      // The same for all that have any.
      factor = weights.weight(s + 1, s);
    }
    int row = (s - first) * model.segments().memoryTokens();
    NDArray towards = sums.throughTransferHead(encoded.memory(), row, factor, gradient);
    if (factor != 0) {
      model.propagate(towards, encoded, gradient);
    }
  }

  @Override
  public void close() {
    sums.close();
  }
}
