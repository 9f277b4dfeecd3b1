package org.uiospark.model.gradient;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.uiospark.model.cost.MemoryCount;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.EncodedSegment;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.SegmentReader;
import org.uiospark.model.segment.NonFiniteException;
import org.uiospark.model.segment.SequenceLoss;
import org.uiospark.model.segment.TokenSequence;

/**
 * Back-propagation through time over one sequence, one graph alive at a time.
 *
 * <p>Sweep forward: decode segment t and back-propagate at once, which collects {@code dJ/dK_s} and
 * {@code dJ/dV_s} of all earlier memories; then encode t, run its transfer head, append its keys
 * and values. Sweep back: through transfer head and encoder of each segment, with the gradient
 * collected. A memory depends on its own segment only, so this is the exact gradient (README of
 * model, The gradient), and an estimator is nothing but weights on the pairs (t, s).
 */
public final class SequenceGradient {
  private final MemoryModel model;
  private final long graphMemory;
  private final Optional<Distillation> distillation;

  /**
   * The gradient of the cross-entropy.
   *
   * @param graphMemory bytes for encoder graphs that the forward sweep keeps, so that the sweep
   *     back need not encode again; 0 keeps none
   */
  public SequenceGradient(MemoryModel model, long graphMemory) {
    this(model, graphMemory, Optional.empty());
  }

  /**
   * @param graphMemory as above
   * @param distillation what is mixed into the cross-entropy, if anything
   */
  public SequenceGradient(
      MemoryModel model, long graphMemory, Optional<Distillation> distillation) {
    this.model = model;
    this.graphMemory = graphMemory;
    this.distillation = distillation;
  }

  /**
   * Adds the gradient of the loss <em>sum</em> of a sequence to the adapter's gradient.
   *
   * @param weights drawn by an estimator for this sequence
   * @return the loss of each segment
   * @throws InvalidInputException if no label counts, or a token is outside the vocabulary
   * @throws NonFiniteException if a loss is not finite; the gradient is then of no use
   */
  public SequenceLoss add(AdapterGradient gradient, TokenSequence sequence, PairWeights weights) {
    DeviceAdapter adapter = gradient.adapter();
    SegmentReader reader = reader(model, sequence);
    int memories = reader.segments() - 1;
    int rows = memories * model.segments().memoryTokens();
    try (MemoryBank bank = model.bank(rows);
        PairSums sums = new PairSums(model, bank, weights, rows);
        SegmentLoss segmentLoss = SegmentLoss.of(model, distillation, reader);
        NDManager graphs = model.base().newManager();
        NDManager host = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      List<Double> losses = new ArrayList<>();
      Map<Integer, EncodedSegment> kept = new HashMap<>();
      Set<Integer> withTape = tapesThatFit(weights, memories);
      for (int t = 0; t <= memories; t++) {
        try (NDManager scratch = model.base().newManager()) {
          NDArray ids = reader.ids(scratch, t);
          NDArray targets = reader.targets(scratch, t);
          losses.add(
              !reader.hasLabels(t)
                  ? 0
                  : t == 0
                      ? segmentLoss.ofFirst(bank.loss(ids, targets))
                      : sums.add(t, ids, targets, segmentLoss));
          if (t < memories) {
            EncodedSegment encoded =
                withTape.contains(t)
                    ? model.encodeWithTape(ids, adapter)
                    : EncodedSegment.withoutTape(model.encode(ids, adapter).squeeze(1));
            bank.append(encoded.memory(), adapter);
            if (withTape.contains(t)) {
              encoded.attach(graphs);
              kept.put(t, encoded);
            } else if (!weights.differentiates(t)) {
              // The transfer head learns from this memory too. To encode it again would cost what
              // such an estimator saves, and what grows with the text is not kept on a device.
              kept.put(t, EncodedSegment.withoutTape(model.copy(encoded.memory(), host)));
            }
          }
        }
      }
      SequenceLoss loss = reader.loss(losses);
      for (int s = 0; s < memories; s++) {
        try (NDManager scratch = model.base().newManager()) {
          EncodedSegment encoded = kept.remove(s);
          if (encoded == null) {
            encoded = model.encodeWithTape(reader.ids(scratch, s), adapter);
          }
          encoded.attach(scratch);
          if (!weights.differentiates(s)) {
            encoded = EncodedSegment.withoutTape(model.copy(encoded.memory(), scratch));
          }
          sums.propagate(s, encoded, gradient);
        }
      }
      return loss;
    }
  }

  /** A sequence that is of use. */
  static SegmentReader reader(MemoryModel model, TokenSequence sequence) {
    SegmentReader reader =
        new SegmentReader(
            sequence, model.segments().segmentLength(), model.base().config().vocabSize());
    if (sequence.validLabels() == 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: no label counts, all are %d; leave the document out",
              reader.name(),
              TokenSequence.IGNORED));
    }
    return reader;
  }

  /** The first segments that are back-propagated, as many as the memory for graphs holds. */
  private Set<Integer> tapesThatFit(PairWeights weights, int memories) {
    long tape =
        MemoryCount.graph(
            model.base().config(),
            model.shape().rank(),
            model.segments(),
            model.base().precision());
    return IntStream.range(0, memories)
        .filter(weights::differentiates)
        .limit(graphMemory / tape)
        .boxed()
        .collect(Collectors.toSet());
  }
}
