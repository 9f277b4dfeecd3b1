package org.uiospark.model.reading;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.segment.NonFiniteException;
import org.uiospark.model.segment.SequenceLoss;
import org.uiospark.model.segment.TokenSequence;

/** Cuts a sequence into segments of tokens and of targets (labels shifted by one). */
public final class SegmentReader {
  private final TokenSequence sequence;
  private final int segmentLength;
  private final int[] targets;

  /**
   * Checks every token and label.
   *
   * @param segmentLength tokens of a segment, l
   * @param vocabSize of the model that is to read
   * @throws InvalidInputException if the sequence is empty, or a token or a label is outside the
   *     vocabulary
   */
  public SegmentReader(TokenSequence sequence, int segmentLength, int vocabSize) {
    this.sequence = sequence;
    this.segmentLength = segmentLength;
    int[] ids = sequence.inputIds();
    int[] labels = sequence.labels();
    if (ids.length == 0) {
      throw new InvalidInputException(name() + " is empty");
    }
    targets = new int[ids.length];
    for (int j = 0; j < ids.length; j++) {
      int label = labels[j];
      if (ids[j] < 0 || ids[j] >= vocabSize) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s: token %d at position %d is outside the model's vocabulary of %d",
                name(),
                ids[j],
                j,
                vocabSize));
      }
      if (label != TokenSequence.IGNORED && (label < 0 || label >= vocabSize)) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s: label %d at position %d is outside the model's vocabulary of %d",
                name(),
                label,
                j,
                vocabSize));
      }
      // Over the whole sequence: the last token of a segment predicts the first of the next.
      targets[j] = j + 1 < ids.length ? labels[j + 1] : TokenSequence.IGNORED;
    }
  }

  /** Document and offset, for messages. */
  public String name() {
    return "document " + sequence.docId() + ", offset " + sequence.offset();
  }

  /** Number of segments T; the last may be shorter. */
  public int segments() {
    return sequence.segments(segmentLength);
  }

  /** All tokens, {@code [n]} int64. */
  NDArray ids(NDManager manager) {
    return MemoryModel.tokens(manager, sequence.inputIds(), 0, targets.length);
  }

  /** What each of them predicts, {@code [n]} int64. */
  NDArray targets(NDManager manager) {
    return MemoryModel.tokens(manager, targets, 0, targets.length);
  }

  /** The tokens of segment t, {@code [n]} int64. */
  public NDArray ids(NDManager manager, int t) {
    return MemoryModel.tokens(manager, sequence.inputIds(), start(t), start(t + 1));
  }

  /** What each token of segment t predicts, {@code [n]} int64; -100 does not count. */
  public NDArray targets(NDManager manager, int t) {
    return MemoryModel.tokens(manager, targets, start(t), start(t + 1));
  }

  /** Whether segment t has the full length. */
  public boolean isFull(int t) {
    return start(t + 1) - start(t) == segmentLength;
  }

  /** Whether a label of segment t counts; what no label wants need not be decoded. */
  public boolean hasLabels(int t) {
    return labels(t, t + 1).get(0) > 0;
  }

  /** Tokens from {@code from} up to the end of segment t. */
  public NDArray idsFrom(NDManager manager, int from, int t) {
    return MemoryModel.tokens(manager, sequence.inputIds(), from, start(t + 1));
  }

  /** Targets of segment t, after as many ignored ones as there are tokens of context. */
  NDArray targetsAfter(NDManager manager, int from, int t) {
    int[] masked = Arrays.copyOfRange(targets, from, start(t + 1));
    Arrays.fill(masked, 0, start(t) - from, TokenSequence.IGNORED);
    return MemoryModel.tokens(manager, masked, 0, masked.length);
  }

  /** The token at which segment t begins. */
  public int start(int t) {
    return Math.min(t * segmentLength, sequence.inputIds().length);
  }

  /**
   * The loss of the sequence, whose labels are those of the text.
   *
   * @param sums loss of each segment, in nats
   * @throws NonFiniteException if one of them is not finite
   */
  public SequenceLoss loss(List<Double> sums) {
    return loss(0, sums);
  }

  /** The loss of some segments, from {@code first} on; otherwise as above. */
  public SequenceLoss loss(int first, List<Double> sums) {
    return loss(first, sums, labels(first, first + sums.size()));
  }

  /** Valid labels of some segments. */
  List<Long> labels(int from, int to) {
    List<Long> labels = new ArrayList<>();
    for (int t = from; t < to; t++) {
      long valid = 0;
      for (int j = start(t); j < start(t + 1); j++) {
        if (targets[j] != TokenSequence.IGNORED) {
          valid++;
        }
      }
      labels.add(valid);
    }
    return labels;
  }

  /**
   * The same with other labels than those of the text.
   *
   * @param labels how many of each segment count
   */
  public SequenceLoss loss(List<Double> sums, List<Long> labels) {
    return loss(0, sums, labels);
  }

  private SequenceLoss loss(int first, List<Double> sums, List<Long> labels) {
    for (int t = 0; t < sums.size(); t++) {
      if (!Double.isFinite(sums.get(t))) {
        throw new NonFiniteException(
            String.format(
                Locale.ROOT, "the loss of segment %d is %s in %s", first + t, sums.get(t), name()));
      }
    }
    return new SequenceLoss(sums, labels);
  }
}
