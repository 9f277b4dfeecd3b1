package org.uiospark.model.reading;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.segment.SequenceLoss;
import org.uiospark.model.segment.TokenSequence;

/** A sequence read from its first segment to its last, one after the other, with one bank. */
public final class SerialReading {
  private SerialReading() {}

  /** Each segment with the memories of all earlier segments. */
  public static SequenceLoss withMemory(
      MemoryModel model, DeviceAdapter adapter, TokenSequence sequence) {
    SegmentReader reader = reader(model, sequence);
    List<Double> losses = new ArrayList<>();
    try (MemoryBank bank = bank(model, reader.segments() - 1)) {
      for (int t = 0; t < reader.segments(); t++) {
        losses.add(loss(model, reader, bank, t));
        if (t + 1 < reader.segments()) {
          append(model, adapter, reader, bank, t);
        }
      }
    }
    return reader.loss(losses);
  }

  /** Segment t with the memories of the last {@code count} segments before it. */
  static double behind(
      MemoryModel model, DeviceAdapter adapter, TokenSequence sequence, int t, int count) {
    SegmentReader reader = reader(model, sequence);
    try (MemoryBank bank = bank(model, count)) {
      for (int s = t - count; s < t; s++) {
        append(model, adapter, reader, bank, s);
      }
      return loss(model, reader, bank, t);
    }
  }

  private static SegmentReader reader(MemoryModel model, TokenSequence sequence) {
    return new SegmentReader(
        sequence, model.segments().segmentLength(), model.base().config().vocabSize());
  }

  private static MemoryBank bank(MemoryModel model, int memories) {
    return model.bank(memories * model.segments().memoryTokens());
  }

  private static double loss(MemoryModel model, SegmentReader reader, MemoryBank bank, int t) {
    try (NDManager scratch = model.base().newManager()) {
      return bank.loss(reader.ids(scratch, t), reader.targets(scratch, t)).toDoubleArray()[0];
    }
  }

  private static void append(
      MemoryModel model, DeviceAdapter adapter, SegmentReader reader, MemoryBank bank, int s) {
    try (NDManager scratch = model.base().newManager()) {
      NDArray memory = model.encode(reader.ids(scratch, s), adapter);
      bank.append(memory, adapter);
    }
  }
}
