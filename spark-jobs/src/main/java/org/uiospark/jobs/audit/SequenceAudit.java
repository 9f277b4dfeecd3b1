package org.uiospark.jobs.audit;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.uiospark.jobs.task.Subject;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.model.cost.FlopCount;
import org.uiospark.model.cost.MemoryCount;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.KeyedRandom;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.gradient.PairProducts;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.segment.TokenSequence;

/**
 * The work of a Spark task: it gives the figures of all variants on one sequence. The draws go
 * through the products of pairs; the first of each variant is also a {@link ComputedGradient},
 * which gives its time and shows that both agree.
 */
record SequenceAudit(TaskData data, List<AuditVariant> variants, int repeats, long seed)
    implements Subject.Work<Long, SequenceAudit.Figures> {

  /**
   * One sequence.
   *
   * @param exactSeconds time of its exact gradient
   * @param exactFlops its floating-point operations
   * @param exactMemory bytes that it takes on the device, all graphs kept
   * @param variants in the order of the variants asked for
   */
  record Figures(
      double exactSeconds, double exactFlops, double exactMemory, List<VariantFigures> variants)
      implements Serializable {}

  @Override
  public Figures of(MemoryModel model, DeviceAdapter adapter, Long index) {
    TokenSequence sequence = data.sequence(index);
    PairProducts products = PairProducts.of(model, adapter, sequence);
    int segments = products.segments();
    PairWeights all = new Estimator.Exact().draw(segments, new SplittableRandom(0));
    double[] exact = products.flat(all);
    double exactNorm = Math.sqrt(products.product(exact, exact));
    if (!(exactNorm > 0)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "document %s, offset %d gives the encoder no gradient to compare with: it needs two segments of %d tokens and labels behind the first",
              sequence.docId(),
              sequence.offset(),
              model.segments().segmentLength()));
    }
    List<VariantFigures> figures = new ArrayList<>();
    for (AuditVariant variant : variants) {
      DrawFigures draws =
          DrawFigures.of(
              products,
              variant,
              repeats,
              repeat -> KeyedRandom.of(seed, repeat, index),
              weights -> flops(model, weights),
              weights -> memory(model, weights));
      PairWeights first = variant.draw(segments, KeyedRandom.of(seed, 0, index));
      ComputedGradient computed = ComputedGradient.of(model, adapter, sequence, first);
      double[] weights = products.flat(first);
      double norm = Math.sqrt(products.product(weights, weights));
      figures.add(
          new VariantFigures(
              draws, computed.seconds(), Math.abs(computed.encoderNorm() / norm - 1)));
    }
    return new Figures(
        ComputedGradient.of(model, adapter, sequence, all).seconds(),
        flops(model, all),
        memory(model, all),
        figures);
  }

  private static long flops(MemoryModel model, PairWeights weights) {
    return FlopCount.of(model.base().config(), model.shape().rank(), model.segments(), weights)
        .total();
  }

  private static long memory(MemoryModel model, PairWeights weights) {
    return MemoryCount.of(
            model.base().config(),
            model.shape(),
            model.segments(),
            model.base().precision(),
            weights,
            Long.MAX_VALUE)
        .total();
  }
}
