package org.uiospark.jobs.bench;

import org.uiospark.model.cost.FlopCount;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.llama.LlamaConfig;

/**
 * What one sequence asks for, counted; where draws differ, the mean of the threads' sequences.
 *
 * @param tokens tokens of the sequence
 * @param flops operations that the mathematics needs, {@link FlopCount#total}
 * @param flopsRecomputed operations on top of those for encoding again what has no graph
 * @param bankBytes keys and values of its memories
 * @param bankGradientBytes the gradients towards those
 */
record Work(
    long tokens, double flops, double flopsRecomputed, long bankBytes, long bankGradientBytes) {

  static Work of(MemoryModel model, Variant variant, long seed, int length, int threads) {
    LlamaConfig config = model.base().config();
    double flops = 0;
    double recomputed = 0;
    boolean oneSum = true;
    for (int thread = 0; thread < threads; thread++) {
      PairWeights draw = variant.draw(length, seed, thread);
      FlopCount count = FlopCount.of(config, model.shape().rank(), model.segments(), draw);
      flops += (double) count.total() / threads;
      recomputed += variant.encodesAgain() ? (double) count.recomputed() / threads : 0;
      oneSum &= draw.dependOnMemoryAlone();
    }
    long rows = (length - 1L) * model.segments().memoryTokens();
    long values = 2L * config.layers() * config.keyValueWidth() * rows;
    long gradient = values * Float.BYTES;
    return new Work(
        (long) length * model.segments().segmentLength(),
        flops,
        recomputed,
        values * model.base().precision().bytes(),
        oneSum ? gradient : 2 * gradient);
  }
}
