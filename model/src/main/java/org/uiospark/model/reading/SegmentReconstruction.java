package org.uiospark.model.reading;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.segment.NonFiniteException;
import org.uiospark.model.segment.SegmentSettings;

/**
 * Auto-encoding without gradients: a segment from its own memory, or from nothing, after {@code
 * <repeat>}; see {@code ReconstructionGradient}. One thread at a time.
 */
public final class SegmentReconstruction {
  private final MemoryModel model;
  private final DeviceAdapter adapter;

  /**
   * @param adapter stays open when this closes
   * @throws InvalidInputException if it has no {@code <repeat>}
   */
  public SegmentReconstruction(MemoryModel model, DeviceAdapter adapter) {
    if (!model.shape().repeat()) {
      throw new InvalidInputException(
          "the adapter has no repeat_embedding, so it cannot reconstruct; train it with a data set"
              + " of objective ae");
    }
    this.model = model;
    this.adapter = adapter;
  }

  /**
   * The likeliest token at each place of a segment, the right ones standing before it.
   *
   * @param segment a full segment
   * @throws NonFiniteException if a logit is not finite, here and below
   */
  public int[] predictedWithMemory(int[] segment) {
    try (MemoryBank bank = bankOf(segment)) {
      return predicted(bank, segment);
    }
  }

  /** The same without the memory: what the text alone tells. */
  public int[] predictedWithoutMemory(int[] segment) {
    try (MemoryBank bank = emptyBank()) {
      return predicted(bank, segment);
    }
  }

  /**
   * As many of the likeliest tokens as the segment has, each after those chosen before.
   *
   * @param segment a full segment
   */
  public int[] generatedWithMemory(int[] segment) {
    try (MemoryBank bank = bankOf(segment)) {
      return generated(bank);
    }
  }

  /** The same without the memory. */
  public int[] generatedWithoutMemory() {
    try (MemoryBank bank = emptyBank()) {
      return generated(bank);
    }
  }

  private MemoryBank emptyBank() {
    SegmentSettings segments = model.segments();
    return model.bank(segments.memoryTokens() + segments.segmentLength());
  }

  private MemoryBank bankOf(int[] segment) {
    MemoryBank bank = emptyBank();
    try (NDManager scratch = model.base().newManager()) {
      NDArray ids = MemoryModel.tokens(scratch, segment, 0, segment.length);
      bank.append(model.encode(ids, adapter), adapter);
    }
    return bank;
  }

  private int[] predicted(MemoryBank bank, int[] segment) {
    try (NDManager scratch = model.base().newManager()) {
      NDArray ids = MemoryModel.tokens(scratch, segment, 0, segment.length);
      return ints(finite(bank.repeat(ids, adapter)).argMax(1).toLongArray());
    }
  }

  private int[] generated(MemoryBank bank) {
    int[] chosen = new int[model.segments().segmentLength()];
    for (int i = 0; i < chosen.length; i++) {
      try (NDManager scratch = model.base().newManager()) {
        // The first is predicted from <repeat> alone, whatever it is.
        NDArray logits =
            i == 0
                ? bank.repeat(MemoryModel.tokens(scratch, chosen, 0, 1), adapter).flatten()
                : bank.extend(MemoryModel.tokens(scratch, chosen, i - 1, i));
        chosen[i] = ints(finite(logits).argMax(0).toLongArray())[0];
      }
    }
    return chosen;
  }

  /** Refuses logits among which none is the largest, for one is not a number. */
  private static NDArray finite(NDArray logits) {
    if (!Float.isFinite(logits.max().getFloat()) || !Float.isFinite(logits.min().getFloat())) {
      throw new NonFiniteException(
          "the logits of a segment from its memory are not finite; check the weights of the model and of the adapter");
    }
    return logits;
  }

  private static int[] ints(long[] values) {
    int[] narrow = new int[values.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = Math.toIntExact(values[i]);
    }
    return narrow;
  }
}
