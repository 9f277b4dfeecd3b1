package org.uiospark.jobs.plan;

import java.util.Locale;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.cost.FlopCount;
import org.uiospark.model.cost.MemoryCount;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.KeyedRandom;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.llama.LlamaConfig;

/**
 * What the gradient of one sequence asks for; where an estimator draws, the mean of some draws.
 *
 * @param flops operations that the mathematics needs, {@link FlopCount#total}
 * @param flopsRecomputed operations for encoding again the segments whose graph is not kept
 * @param memory of the draw that takes most
 */
record SequenceWork(double flops, double flopsRecomputed, MemoryCount memory) {
  private static final int DRAWS = 8;

  static SequenceWork of(LlamaConfig model, AdapterShape adapter, PlanSettings settings) {
    Estimator estimator = settings.estimator().estimator();
    double flops = 0;
    double recomputed = 0;
    MemoryCount most = null;
    for (int draw = 0; draw < DRAWS; draw++) {
      PairWeights weights = estimator.draw(settings.contextSegments(), KeyedRandom.of(0, 0, draw));
      FlopCount count = flops(model, adapter, settings, weights);
      MemoryCount memory =
          MemoryCount.of(
              model,
              adapter,
              settings.adapter().segments(),
              settings.precision(),
              weights,
              settings.graphMemoryBytes());
      flops += (double) count.total() / DRAWS;
      recomputed += count.recomputed() * (1 - memory.keptShare()) / DRAWS;
      most = most == null || memory.total() > most.total() ? memory : most;
    }
    return new SequenceWork(flops, recomputed, most);
  }

  private static FlopCount flops(
      LlamaConfig model, AdapterShape adapter, PlanSettings settings, PairWeights weights) {
    try {
      FlopCount count = FlopCount.of(model, adapter.rank(), settings.adapter().segments(), weights);
      count.total();
      return count;
    } catch (ArithmeticException e) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "a sequence of %d tokens takes more operations than can be counted; lower --context",
              settings.context()),
          e);
    }
  }

  double totalFlops() {
    return flops + flopsRecomputed;
  }
}
