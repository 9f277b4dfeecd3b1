package org.uiospark.model.reading;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Iterator;
import java.util.function.ObjIntConsumer;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.segment.NonFiniteException;
import org.uiospark.model.segment.SequenceLoss;
import org.uiospark.model.segment.TokenSequence;

/**
 * The loss of a sequence, segment by segment, under three kinds of context; no gradients. Any of
 * its segments may be encoded or read apart from the others, by whoever has the memories of those
 * before them.
 */
public final class SequenceEvaluation {
  private final MemoryModel model;
  private final SegmentReader reader;
  private final int memoryTokens;

  /**
   * @param model what reads
   * @throws InvalidInputException if the sequence is empty, or holds what the model does not know
   */
  public SequenceEvaluation(MemoryModel model, TokenSequence sequence) {
    this.model = model;
    this.reader =
        new SegmentReader(
            sequence, model.segments().segmentLength(), model.base().config().vocabSize());
    this.memoryTokens = model.segments().memoryTokens();
  }

  /** Number of segments T; the last one has no memory. */
  public int segments() {
    return reader.segments();
  }

  /** Valid labels of some segments. */
  public long[] labels(int from, int to) {
    return reader.labels(from, to).stream().mapToLong(Long::longValue).toArray();
  }

  /** A bank for all memories of the sequence. */
  public MemoryBank bank() {
    return model.bank((segments() - 1) * memoryTokens);
  }

  /**
   * Encodes some segments and runs the transfer head.
   *
   * @param from the first of them
   * @param to the one behind the last; none of them is the last of the sequence
   * @param encoded sees each memory {@code [L, m, D]} while it lives, and its segment
   * @return keys and values of their memories, as {@link MemoryBank#put} takes them
   */
  public byte[] encode(int from, int to, DeviceAdapter adapter, ObjIntConsumer<NDArray> encoded) {
    return new SegmentEncoder(model, adapter).encode(reader, from, to, encoded);
  }

  /**
   * Some segments, each with the memories of all earlier segments of the sequence.
   *
   * @param memories of at least those
   * @throws NonFiniteException if a loss is not finite, here and below
   */
  public SequenceLoss withMemory(MemoryBank memories, int from, int to) {
    try (NDManager device = model.base().newManager();
        SequenceTokens tokens = new SequenceTokens(device, reader);
        SegmentLosses losses = new SegmentLosses(device);
        MemoryBank view = memories.view()) {
      for (int t = from; t < to; t++) {
        try (NDManager scratch = device.newSubManager()) {
          view.stand(t * memoryTokens);
          losses.add(view.loss(tokens.ids(scratch, t, t + 1), tokens.targets(scratch, t)));
        }
      }
      return reader.loss(from, losses.values());
    }
  }

  /** Some segments, each alone, as the base model reads it without any context. */
  public SequenceLoss withoutMemory(int from, int to) {
    return withWindow(model.segments().segmentLength(), from, to);
  }

  /**
   * Some segments, each after as much of the text before it as fits the base model's window.
   *
   * @param window tokens that the base model reads at once, context and segment together; at least
   *     a segment
   */
  public SequenceLoss withWindow(int window, int from, int to) {
    try (NDManager device = model.base().newManager();
        SegmentLosses losses = new SegmentLosses(device);
        MemoryBank empty = model.bank(0)) {
      for (int t = from; t < to; t++) {
        int begin = Math.min(reader.start(t), Math.max(0, reader.start(t + 1) - window));
        try (NDManager scratch = device.newSubManager()) {
          losses.add(
              empty.loss(
                  reader.idsFrom(scratch, begin, t), reader.targetsAfter(scratch, begin, t)));
        }
      }
      return reader.loss(from, losses.values());
    }
  }

  /**
   * The loss of one segment behind fewer memories than it has: those stand from the first position
   * on.
   *
   * @param t the segment
   * @param count how many memories
   * @param memories of the segments right before it, in their order, as {@link MemoryModel#bytes}
   *     gave them
   */
  public double behind(int t, int count, Iterator<byte[]> memories, DeviceAdapter adapter) {
    try (MemoryBank bank = model.bank(count * memoryTokens)) {
      while (memories.hasNext()) {
        try (NDManager scratch = model.base().newManager()) {
          bank.append(model.memory(memories.next(), scratch), adapter);
        }
      }
      try (NDManager scratch = model.base().newManager()) {
        return bank.loss(reader.ids(scratch, t), reader.targets(scratch, t)).toDoubleArray()[0];
      }
    }
  }
}
