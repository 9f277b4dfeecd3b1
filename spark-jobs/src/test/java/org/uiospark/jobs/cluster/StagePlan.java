package org.uiospark.jobs.cluster;

import java.util.List;
import org.uiospark.jobs.plan.ChunkTraffic;

/**
 * Bytes through the link of a worker in each stage of a step of chunks, the mean of all workers, as
 * {@code plan} estimates them.
 *
 * <p>The first stage measures the sequences: nothing crosses but messages of Spark.
 *
 * @param in into it
 * @param out out of it
 */
record StagePlan(List<Double> in, List<Double> out) {
  static final List<String> NAMES = List.of("measure", "encode", "decode", "back", "reduce");

  /** Of Spark's broadcasts, in bytes. */
  private static final long BLOCK = 4 << 20;

  static StagePlan of(LightWork work, int chunkSegments, NetworkFigures figures) {
    ChunkTraffic traffic = work.traffic(chunkSegments);
    int workers = figures.workers();
    double adapter = figures.adapterBytes();
    double bank = work.sequences() * traffic.decodeFetches(workers) / workers;
    double towards = work.sequences() * traffic.backFetches(workers) / workers;
    double lanes = (double) work.sequences() * traffic.chunks();
    double exchange = lanes * adapter * (1 - 1.0 / workers) / workers;
    // All ask the driver for an adapter of one block at once; larger ones they pass on.
    double passed = adapter > BLOCK ? adapter * (workers - 1) / workers : 0;
    return new StagePlan(
        List.of(0.0, adapter, bank, towards, exchange),
        List.of(0.0, passed, bank, towards, exchange + adapter / workers));
  }
}
