package org.uiospark.model.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.EncodedSegments;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.SegmentLosses;
import org.uiospark.model.reading.SegmentReader;
import org.uiospark.model.segment.NonFiniteException;
import org.uiospark.model.segment.SequenceLoss;
import org.uiospark.model.segment.TokenSequence;

/**
 * Auto-encoding (arXiv 2406.18173): each full segment is predicted from its own memory alone. The
 * decoder reads the memory, then {@code <repeat>}, which predicts the first token, then the tokens.
 * Segments do not meet, so there is nothing to estimate.
 */
public final class ReconstructionGradient {
  /** One memory and the one segment that is decoded after it weigh 1. */
  private static final PairWeights PAIR = new Estimator.Exact().draw(2, new SplittableRandom(0));

  private final MemoryModel model;

  /**
   * @param model of adapters with {@code <repeat>}
   */
  public ReconstructionGradient(MemoryModel model) {
    if (!model.shape().repeat()) {
      throw new IllegalArgumentException(model.shape() + " has no <repeat>");
    }
    this.model = model;
  }

  /**
   * Adds the gradient of the loss <em>sum</em> of a sequence to the adapter's gradient.
   *
   * @param sequence its labels do not matter: every token of a full segment is a target
   * @return the loss of each full segment
   * @throws InvalidInputException if no segment is full, or a token is outside the vocabulary
   * @throws NonFiniteException if a loss is not finite; the gradient is then of no use
   */
  public SequenceLoss add(AdapterGradient gradient, TokenSequence sequence) {
    int length = model.segments().segmentLength();
    SegmentReader reader = new SegmentReader(sequence, length, model.base().config().vocabSize());
    List<Long> labels = new ArrayList<>();
    try (NDManager device = model.base().newManager();
        SegmentLosses losses = new SegmentLosses(device)) {
      for (int t = 0; t < reader.segments() && reader.isFull(t); t++) {
        add(gradient, reader, t, losses);
        labels.add((long) length);
      }
      requireFull(reader, labels.size());
      return reader.loss(losses.values(), labels);
    }
  }

  private void requireFull(SegmentReader reader, int segments) {
    if (segments == 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: there is no full segment of %d tokens to reconstruct; leave the document out",
              reader.name(),
              model.segments().segmentLength()));
    }
  }

  private void add(AdapterGradient gradient, SegmentReader reader, int t, SegmentLosses losses) {
    int m = model.segments().memoryTokens();
    try (MemoryBank bank = model.bank(m);
        PairSums sums = new PairSums(model, bank, PAIR, m);
        NDManager scratch = model.base().newManager()) {
      NDArray ids = reader.ids(scratch, t);
      EncodedSegments encoded = model.encodeWithTape(ids, gradient.adapter());
      bank.append(encoded.memory(), gradient.adapter());
      losses.add(sums.addReconstruction(ids, gradient));
      sums.propagate(0, encoded, gradient);
    }
  }
}
