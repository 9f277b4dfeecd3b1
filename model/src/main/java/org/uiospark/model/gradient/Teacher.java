package org.uiospark.model.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.BankGradient;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.SegmentReader;
import org.uiospark.model.reading.SequenceTokens;

/**
 * The frozen model without adapter on the text of one sequence: each segment after as much of the
 * text before it as fits the window. While all of it does, keys and values are kept from segment to
 * segment; from then on the window moves, and with it every position, and is read anew.
 */
final class Teacher implements SegmentLoss {
  private final Distillation distillation;
  private final SegmentReader reader;
  private final SequenceTokens tokens;
  private final MemoryBank text;

  Teacher(
      MemoryModel model, Distillation distillation, SegmentReader reader, SequenceTokens tokens) {
    if (distillation.window() < model.segments().segmentLength()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "distill-window %d is below the segment length %d; the teacher reads a segment at least",
              distillation.window(),
              model.segments().segmentLength()));
    }
    this.distillation = distillation;
    this.reader = reader;
    this.tokens = tokens;
    this.text = model.bank(Math.min(distillation.window(), reader.start(reader.segments())));
  }

  /** In the first, teacher and student are the same model on the same text and do not diverge. */
  @Override
  public List<Double> ofSequence(List<Double> losses) {
    List<Double> mixed = new ArrayList<>(losses);
    mixed.set(0, (1 - distillation.weight()) * losses.get(0));
    return mixed;
  }

  @Override
  public NDArray addGradient(
      int t, NDArray ids, NDArray targets, BankGradient sums, float[] rowWeights) {
    return sums.addDistillation(
        ids,
        targets,
        hidden(t, ids.getManager()),
        distillation.temperature(),
        distillation.weight(),
        rowWeights);
  }

  /** What the teacher makes of segment t, {@code [1, n, D]} before the final norm. */
  private NDArray hidden(int t, NDManager scratch) {
    int end = reader.start(t + 1);
    int from = text.rows();
    if (from != reader.start(t) || end > distillation.window()) {
      from = Math.max(0, end - distillation.window());
      text.truncate(0);
    }
    return text.hidden(tokens.idsFrom(scratch, from, t), end - reader.start(t));
  }

  @Override
  public void close() {
    text.close();
  }
}
