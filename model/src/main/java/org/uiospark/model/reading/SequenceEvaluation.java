package org.uiospark.model.reading;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.segment.SequenceLoss;
import org.uiospark.model.segment.TokenSequence;

/** The loss of a sequence, segment by segment, under three kinds of context; no gradients. */
public final class SequenceEvaluation {
  private final MemoryModel model;

  /**
   * What memory is worth: the same targets behind more and more of it.
   *
   * @param withMemory each segment with the memories of all earlier segments
   * @param target loss of the one segment for each of the counts, in nats
   */
  public record MemoryCurve(SequenceLoss withMemory, List<Double> target) {}

  /**
   * @param model what reads
   */
  public SequenceEvaluation(MemoryModel model) {
    this.model = model;
  }

  /** Each segment with the memories of all earlier segments. */
  public SequenceLoss withMemory(DeviceAdapter adapter, TokenSequence sequence) {
    return withMemory(adapter, reader(sequence), memory -> {});
  }

  private SequenceLoss withMemory(
      DeviceAdapter adapter, SegmentReader reader, Consumer<NDArray> encoded) {
    int memories = reader.segments() - 1;
    List<Double> losses = new ArrayList<>();
    try (MemoryBank bank = bankFor(memories)) {
      for (int t = 0; t <= memories; t++) {
        try (NDManager scratch = model.base().newManager()) {
          NDArray ids = reader.ids(scratch, t);
          losses.add(bank.loss(ids, reader.targets(scratch, t)));
          if (t < memories) {
            NDArray memory = model.encode(ids, adapter).squeeze(1);
            bank.append(memory, adapter);
            encoded.accept(memory);
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
    // The native window of a model may be many times the text.
    int rows = Math.min(window, reader.start(reader.segments()));
    try (MemoryBank empty = model.bank(rows)) {
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
   * The loss with memory, and that of one segment behind fewer and fewer of its memories. Each
   * segment is encoded once, and all memories are held until the end, on the host.
   *
   * @param t the segment
   * @param counts how many memories, each at most t: those of the segments right before t
   */
  public MemoryCurve memoryCurve(
      DeviceAdapter adapter, TokenSequence sequence, int t, List<Integer> counts) {
    SegmentReader reader = reader(sequence);
    List<Double> losses = new ArrayList<>();
    try (NDManager host = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      List<NDArray> memories = new ArrayList<>();
      SequenceLoss withMemory =
          withMemory(adapter, reader, memory -> memories.add(model.copy(memory, host)));
      for (int count : counts) {
        try (MemoryBank bank = bankFor(count);
            NDManager scratch = model.base().newManager()) {
          memories.subList(t - count, t).forEach(memory -> append(bank, memory, adapter));
          losses.add(bank.loss(reader.ids(scratch, t), reader.targets(scratch, t)));
        }
      }
      return new MemoryCurve(withMemory, losses);
    }
  }

  private void append(MemoryBank bank, NDArray onHost, DeviceAdapter adapter) {
    try (NDManager scratch = model.base().newManager()) {
      bank.append(model.copy(onHost, scratch), adapter);
    }
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
