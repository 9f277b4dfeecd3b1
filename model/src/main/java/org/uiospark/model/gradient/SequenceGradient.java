package org.uiospark.model.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.uiospark.model.cost.MemoryCount;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.DeviceAdapter;
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
 * collected. A memory depends on its own segment only, so this is the exact gradient (README, The
 * gradient), and an estimator is nothing but weights on the pairs (t, s).
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
  public SequenceLoss add(DeviceAdapter adapter, TokenSequence sequence, PairWeights weights) {
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
    int memories = reader.segments() - 1;
    int memoryTokens = model.segments().memoryTokens();
    int rows = memories * memoryTokens;
    try (MemoryBank bank = model.bank(rows + model.segments().segmentLength());
        BankGradient towards = new BankGradient(model, bank, weights, rows);
        SegmentLoss segments = segmentLoss(reader);
        NDManager graphs = model.base().newManager()) {
      List<NDList> tapes = new ArrayList<>();
      long tapesKept = graphMemory / tapeBytes();
      List<Double> losses = new ArrayList<>();
      for (int t = 0; t <= memories; t++) {
        try (NDManager scratch = model.base().newManager()) {
          NDArray ids = reader.ids(scratch, t);
          NDArray targets = reader.targets(scratch, t);
          losses.add(
              t == 0
                  ? segments.ofFirst(bank.loss(ids, targets))
                  : towards.collect(t, segments.kernel(), segments.arguments(t, ids, targets)));
          if (t < memories) {
            boolean keep = weights.differentiates(t) && tapesKept-- > 0;
            NDList tape =
                keep ? model.encodeWithTape(ids, adapter) : new NDList(model.encode(ids, adapter));
            bank.append(memory(tape).squeeze(1), adapter);
            boolean again = !keep && weights.differentiates(t);
            tape.attach(again ? scratch : graphs);
            tapes.add(again ? null : tape);
          }
        }
      }
      SequenceLoss loss = reader.loss(losses);
      for (int s = 0; s < memories; s++) {
        try (NDManager scratch = model.base().newManager()) {
          NDList tape = tapes.get(s);
          if (tape == null) {
            tape = model.encodeWithTape(reader.ids(scratch, s), adapter);
          }
          tape.attach(scratch);
          towards.propagate(s, tape, adapter);
        }
      }
      return loss;
    }
  }

  private SegmentLoss segmentLoss(SegmentReader reader) {
    return distillation
        .<SegmentLoss>map(mixed -> new Teacher(model, mixed, reader))
        .orElse(SegmentLoss.CROSS_ENTROPY);
  }

  /** The memory behind its tape. */
  static NDArray memory(NDList tape) {
    return tape.get(tape.size() - 1);
  }

  private long tapeBytes() {
    return MemoryCount.graph(
        model.base().config(), model.shape().rank(), model.segments(), model.base().precision());
  }

  /** {@code dJ/dK} and {@code dJ/dV} of all memories of a sequence, in the layout of the bank. */
  static final class BankGradient implements AutoCloseable {
    private final NDManager manager;
    private final MemoryModel model;
    private final MemoryBank bank;
    private final PairWeights weights;
    private final boolean oneSum;
    private final NDList sums = new NDList();
    private final NDList weighted = new NDList();

    BankGradient(MemoryModel model, MemoryBank bank, PairWeights weights, int rows) {
      this.manager = model.base().newManager();
      this.model = model;
      this.bank = bank;
      this.weights = weights;
      this.oneSum = weights.dependOnMemoryAlone();
      int held = Math.max(1, rows);
      NDList sum = bank.gradient(manager, held);
      sums.addAll(MemoryBank.named("sum_keys[]", "sum_values[]", sum));
      weighted.addAll(
          MemoryBank.named(
              "weighted_keys[]", "weighted_values[]", oneSum ? sum : bank.gradient(manager, held)));
    }

    /**
     * Decodes segment t; adds its gradient to the rows of all earlier memories.
     *
     * @param kernel what decodes
     * @param own its own arguments, tokens first
     */
    double collect(int t, String kernel, NDList own) {
      NDManager scratch = own.head().getManager();
      NDList arguments = new NDList(own);
      arguments.add(MemoryBank.row(scratch, bank.rows()));
      arguments.add(rowWeights(t, scratch));
      arguments.addAll(bank.keysAndValues());
      arguments.addAll(sums);
      arguments.addAll(weighted);
      arguments.addAll(bank.positions(Math.toIntExact(own.head().size())));
      arguments.addAll(model.base().weights());
      return model.kernels().withGraph(kernel, arguments).head().toDoubleArray()[0];
    }

    /** The weight of each row of the bank at step t; empty where one sum serves. */
    private NDArray rowWeights(int t, NDManager scratch) {
      if (oneSum) {
        return scratch.zeros(new Shape(0));
      }
      int m = model.segments().memoryTokens();
      float[] rows = new float[t * m];
      for (int row = 0; row < rows.length; row++) {
        rows[row] = (float) weights.weight(t, row / m);
      }
      return scratch.create(rows);
    }

    /** Through transfer head and, where the estimator says so, encoder of segment s. */
    void propagate(int s, NDList tape, DeviceAdapter adapter) {
      NDArray memory = memory(tape);
      NDManager scratch = memory.getManager();
      double factor = weights.differentiates(s) ? 1 : 0;
      if (oneSum) {
        factor = weights.weight(s + 1, s);
      }
      NDList arguments =
          new NDList(
              memory.squeeze(1),
              MemoryBank.row(scratch, s * model.segments().memoryTokens()),
              scratch.create(new float[] {(float) factor}));
      arguments.addAll(sums);
      arguments.addAll(weighted);
      arguments.addAll(bank.positions(0));
      arguments.addAll(model.base().weights());
      arguments.addAll(adapter.leaves());
      arguments.addAll(adapter.gradient());
      NDArray towards = model.kernels().withoutGraph("transfer_gradient", arguments).head();
      if (factor != 0) {
        model.propagate(towards.expandDims(1), tape.subNDList(0, tape.size() - 1), adapter);
      }
    }

    @Override
    public void close() {
      manager.close();
    }
  }
}
