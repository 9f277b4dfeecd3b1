package org.uiospark.jobs.plan;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.cost.FlopCount;
import org.uiospark.model.cost.MemoryCount;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.llama.LlamaConfig;

/**
 * What the gradient of one sequence asks for; where an estimator draws, the mean of some draws.
 *
 * @param flops operations that the mathematics needs, {@link FlopCount#total}
 * @param flopsRecomputed operations for encoding again the segments whose graph is not kept; those
 *     of all in chunks
 * @param memory of the draw that takes most
 */
record SequenceWork(double flops, double flopsRecomputed, MemoryCount memory) {
  /** Of a whole sequence. */
  static SequenceWork of(LlamaConfig model, AdapterShape adapter, PlanSettings settings) {
    return of(
        model,
        adapter,
        settings,
        weights ->
            MemoryCount.of(
                model,
                adapter,
                settings.adapter().segments(),
                settings.precision(),
                weights,
                settings.graphMemoryBytes()),
        (count, memory) -> count.recomputed() * (1 - memory.keptShare()));
  }

  /** Of one in chunks: the memory is that of the last chunk, which holds most. */
  static SequenceWork inChunks(LlamaConfig model, AdapterShape adapter, PlanSettings settings) {
    return of(
        model,
        adapter,
        settings,
        weights ->
            MemoryCount.ofChunk(
                model,
                adapter,
                settings.adapter().segments(),
                settings.precision(),
                weights,
                settings.graphMemoryBytes(),
                settings.contextSegments() - 1),
        (count, memory) -> count.encoderForward());
  }

  private static SequenceWork of(
      LlamaConfig model,
      AdapterShape adapter,
      PlanSettings settings,
      Function<PairWeights, MemoryCount> memories,
      ToDoubleBiFunction<FlopCount, MemoryCount> again) {
    List<PairWeights> draws =
        ChunkCut.draws(settings.estimator(), settings.contextSegments()).toList();
    double flops = 0;
    double recomputed = 0;
    MemoryCount most = null;
    for (PairWeights weights : draws) {
      FlopCount count = flops(model, adapter, settings, weights);
      MemoryCount memory = memories.apply(weights);
      flops += (double) count.total() / draws.size();
      recomputed += again.applyAsDouble(count, memory) / draws.size();
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
              "a sequence of %d tokens takes more operations than can be counted; lower --tokens",
              settings.context()),
          e);
    }
  }

  double totalFlops() {
    return flops + flopsRecomputed;
  }
}
