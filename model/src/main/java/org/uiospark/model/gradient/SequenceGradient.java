package org.uiospark.model.gradient;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.EncodedSegments;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.SegmentLosses;
import org.uiospark.model.reading.SegmentReader;
import org.uiospark.model.reading.SequenceTokens;
import org.uiospark.model.segment.NonFiniteException;
import org.uiospark.model.segment.SequenceLoss;
import org.uiospark.model.segment.TokenSequence;

/**
 * Back-propagation through time over one sequence, the graphs of one batch alive at a time.
 *
 * <p>Sweep forward: encode a {@link SegmentBatch}, run its transfer head, append its keys and
 * values; then decode each segment t behind one of its memories and back-propagate at once, which
 * collects {@code dJ/dK_s} and {@code dJ/dV_s} of all earlier memories. Sweep back: through
 * transfer head and encoder of each batch, with the gradient collected. A memory depends on its own
 * segment only, so this is the exact gradient (README of model, The gradient), and an estimator is
 * nothing but weights on the pairs (t, s).
 */
public final class SequenceGradient {
  private final MemoryModel model;
  private final long graphMemory;
  private final Optional<Distillation> distillation;

  /**
   * The gradient of the cross-entropy.
   *
   * @param graphMemory bytes for encoder graphs that the forward sweep keeps, so that the sweep
   *     back need not encode again, and for those of segments that are encoded at once; 0 keeps
   *     none
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
    int memoryTokens = model.segments().memoryTokens();
    int memories = reader.segments() - 1;
    int rows = memories * memoryTokens;
    List<SegmentBatch> batches =
        SegmentBatch.ofSequence(
            model.atOnce(), weights, memories, SegmentBatch.graphs(model, graphMemory));
    Map<SegmentBatch, EncodedSegments> kept = new HashMap<>();
    try (NDManager device = model.base().newManager();
        NDManager host = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        SequenceTokens tokens = new SequenceTokens(device, reader);
        SegmentLosses losses = new SegmentLosses(device);
        SegmentLoss segmentLoss = SegmentLoss.of(model, distillation, reader, tokens);
        MemoryBank bank = model.bank(rows);
        MemoryBank before = bank.view();
        PairSums sums = new PairSums(model, before, weights, rows)) {
      try (NDManager scratch = device.newSubManager()) {
        if (reader.hasLabels(0)) {
          losses.add(before.loss(tokens.ids(scratch, 0, 1), tokens.targets(scratch, 0)));
        } else {
          losses.addNone();
        }
      }
      for (SegmentBatch batch : batches) {
        try (NDManager scratch = device.newSubManager()) {
          EncodedSegments encoded =
              encode(batch, tokens.ids(scratch, batch.from(), batch.to()), adapter);
          bank.append(encoded.memory(), adapter);
          switch (batch.tape()) {
            case KEPT -> {
              encoded.attach(device);
              kept.put(batch, encoded);
            }
            // The transfer head learns from these memories too. To encode them again would cost
            // what such an estimator saves, and what grows with the text is not kept on a device.
            case NONE -> kept.put(batch, copy(encoded, host));
            case MADE_AGAIN -> {}
          }
        }
        // Each behind the memories of those before it, of which this batch may have more.
        for (int t = batch.from() + 1; t <= batch.to(); t++) {
          if (!reader.hasLabels(t)) {
            losses.addNone();
            continue;
          }
          try (NDManager scratch = device.newSubManager()) {
            before.stand(t * memoryTokens);
            losses.add(
                sums.add(
                    t, tokens.ids(scratch, t, t + 1), tokens.targets(scratch, t), segmentLoss));
          }
        }
      }
      // Segments without labels may have left it standing before the last memories.
      before.stand(rows);
      for (SegmentBatch batch : batches) {
        try (NDManager scratch = device.newSubManager()) {
          EncodedSegments encoded = kept.remove(batch);
          if (encoded == null) {
            encoded = model.encodeWithTape(tokens.ids(scratch, batch.from(), batch.to()), adapter);
          }
          encoded.attach(scratch);
          if (batch.tape() == SegmentBatch.Tape.NONE) {
            encoded = copy(encoded, scratch);
          }
          sums.propagate(batch.from(), encoded, gradient);
        }
      }
      return reader.loss(segmentLoss.ofSequence(losses.values()));
    }
  }

  private EncodedSegments encode(SegmentBatch batch, NDArray ids, DeviceAdapter adapter) {
    return batch.tape() == SegmentBatch.Tape.KEPT
        ? model.encodeWithTape(ids, adapter)
        : EncodedSegments.withoutTape(model.encode(ids, adapter));
  }

  private EncodedSegments copy(EncodedSegments encoded, NDManager owner) {
    return EncodedSegments.withoutTape(model.copy(encoded.memory(), owner));
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
}
