package org.uiospark.model.gradient;

import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.segment.SequenceLoss;

/** What the second pass of a {@link ChunkGradient} gave; the device holds it until it is closed. */
public final class DecodedChunk implements AutoCloseable {
  private final SequenceLoss loss;
  private final MemoryBank view;
  private final PairSums sums;

  DecodedChunk(SequenceLoss loss, MemoryBank view, PairSums sums) {
    this.loss = loss;
    this.view = view;
    this.sums = sums;
  }

  /** The loss of each segment of the chunk. */
  public SequenceLoss loss() {
    return loss;
  }

  /**
   * What the chunk wants of the memories of one before it, or of its own.
   *
   * @return the gradient of its loss towards their keys and values
   */
  public byte[] towards(SequenceChunk chunk) {
    return sums.bytes(chunk.from(), chunk.memories());
  }

  @Override
  public void close() {
    sums.close();
    view.close();
  }
}
