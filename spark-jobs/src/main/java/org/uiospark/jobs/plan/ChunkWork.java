package org.uiospark.jobs.plan;

import java.util.List;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.cost.FlopCount;
import org.uiospark.model.cost.MemoryCount;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.gradient.SequenceChunk;
import org.uiospark.model.llama.LlamaConfig;

/**
 * What the chunks of a sequence ask for.
 *
 * @param flops of each chunk, in its three passes; where an estimator draws, the mean of some draws
 * @param traffic between them
 */
record ChunkWork(List<Flops> flops, ChunkTraffic traffic) {

  /** Operations of a chunk in each pass. */
  record Flops(double encode, double decode, double back) {}

  static ChunkWork of(
      LlamaConfig model, AdapterShape adapter, PlanSettings settings, ChunkCut cut) {
    List<SequenceChunk> chunks = cut.chunks(settings.chunkSegments());
    List<PairWeights> draws =
        ChunkCut.draws(settings.estimator(), settings.contextSegments()).toList();
    return new ChunkWork(
        chunks.stream().map(chunk -> flops(model, adapter, settings, draws, chunk)).toList(),
        ChunkTraffic.of(
            chunks,
            settings.adapter().segments().memoryTokens(),
            MemoryCount.row(model) * settings.precision().bytes(),
            cut.gradientRow()));
  }

  private static Flops flops(
      LlamaConfig model,
      AdapterShape adapter,
      PlanSettings settings,
      List<PairWeights> draws,
      SequenceChunk chunk) {
    List<FlopCount> counts =
        draws.stream()
            .map(
                weights ->
                    FlopCount.of(
                        model,
                        adapter.rank(),
                        settings.adapter().segments(),
                        weights,
                        chunk.from(),
                        chunk.to()))
            .toList();
    // What encoding and decoding take does not depend on the draw.
    return new Flops(
        counts.get(0).encode(),
        counts.get(0).decode(),
        counts.stream().mapToDouble(FlopCount::back).average().orElseThrow());
  }
}
