package org.uiospark.model.memory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The loss of a sequence, segment by segment, under three kinds of context; no gradients. */
public final class SequenceEvaluation {
  private final MemoryModel model;

  /**
   * @param model what reads
   */
  public SequenceEvaluation(MemoryModel model) {
    this.model = model;
  }

  /** Each segment with the memories of all earlier segments. */
  public SequenceLoss withMemory(DeviceAdapter adapter, TokenSequence sequence) {
    SegmentReader reader = reader(sequence);
    int memories = reader.segments() - 1;
    List<Double> losses = new ArrayList<>();
    try (MemoryBank bank = bankFor(memories)) {
      for (int t = 0; t <= memories; t++) {
        try (NDManager scratch = model.base().newManager()) {
          NDArray ids = reader.ids(scratch, t);
          losses.add(bank.loss(ids, reader.targets(scratch, t)));
          if (t < memories) {
            bank.append(model.encode(ids, adapter).squeeze(1), adapter);
          }
        }
      }
    }
    return reader.loss(losses);
  }

  /** Each segment alone, as the base model reads it without any context. */
  public SequenceLoss withoutMemory(TokenSequence sequence) {
    return withWindow(sequence, model.segments().segmentLength());
  }

  /**
   * Each segment after as much of the text before it as fits the base model's window.
   *
   * @param window tokens that the base model reads at once, context and segment together; at least
   *     a segment
   */
  public SequenceLoss withWindow(TokenSequence sequence, int window) {
    SegmentReader reader = reader(sequence);
    List<Double> losses = new ArrayList<>();
    try (MemoryBank empty = model.bank(window)) {
      for (int t = 0; t < reader.segments(); t++) {
        int from = Math.min(reader.start(t), Math.max(0, reader.start(t + 1) - window));
        try (NDManager scratch = model.base().newManager()) {
          losses.add(
              empty.loss(reader.idsFrom(scratch, from, t), reader.targetsAfter(scratch, from, t)));
        }
      }
    }
    return reader.loss(losses);
  }

  /**
   * One segment behind the memories of the segments right before it: the same targets, so that what
   * more memory is worth shows.
   *
   * @param t the segment
   * @param counts how many memories, each at most t
   * @return its loss for each of the counts, in nats
   */
  public List<Double> behindNearest(
      DeviceAdapter adapter, TokenSequence sequence, int t, List<Integer> counts) {
    SegmentReader reader = reader(sequence);
    int most = Collections.max(counts);
    List<Double> losses = new ArrayList<>();
    try (NDManager held = model.base().newManager()) {
      List<NDArray> memories = new ArrayList<>();
      for (int s = t - most; s < t; s++) {
        memories.add(model.encode(reader.ids(held, s), adapter).squeeze(1));
      }
      for (int count : counts) {
        try (MemoryBank bank = bankFor(count);
            NDManager scratch = held.newSubManager()) {
          memories.subList(most - count, most).forEach(memory -> bank.append(memory, adapter));
          losses.add(bank.loss(reader.ids(scratch, t), reader.targets(scratch, t)));
        }
      }
    }
    return losses;
  }

  private MemoryBank bankFor(int memories) {
    return model.bank(
        memories * model.segments().memoryTokens() + model.segments().segmentLength());
  }

  private SegmentReader reader(TokenSequence sequence) {
    return new SegmentReader(
        sequence, model.segments().segmentLength(), model.base().config().vocabSize());
  }
}
