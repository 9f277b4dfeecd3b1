package org.uiospark.jobs.plan;

import static org.uiospark.jobs.plan.PlanTable.line;

/**
 * The part of a plan that says how a step of chunks runs, as text.
 *
 * @param plan the estimate
 * @param work of the chunks
 */
record ChunkTable(Plan plan, ChunkWork work) {
  private static final double GIB = 1 << 30;

  /** The cut. */
  void cut(StringBuilder text) {
    int executors = plan.settings().cluster().executors();
    line(
        text,
        "%,d chunks a sequence, of %,d segments on average: %,d tasks a stage, of which %,d run at once",
        work.traffic().chunks(),
        plan.settings().chunkSegments(),
        plan.lanes(),
        Math.min(executors, plan.lanes()));
  }

  /** Bytes by stage, and the seconds of each. */
  void stages(StringBuilder text) {
    ChunkTraffic traffic = work.traffic();
    int batch = plan.settings().batch();
    line(text, "");
    line(text, "bytes by stage, all executors together");
    PlanTable.bytes(
        text, "encode leaves keys and values of memories", batch * traffic.encodeLeaves());
    PlanTable.bytes(text, "decode leaves gradients towards them", batch * traffic.decodeLeaves());
    PlanTable.bytes(
        text, "back leaves gradients of the adapter", plan.lanes() * plan.heap().vectorBytes());
    line(text, "");
    line(text, "GiB over the network: what all executors together take, and each of them");
    line(
        text,
        "%9s %12s %10s %12s %10s %12s %10s",
        "executors",
        "decode takes",
        "each",
        "back takes",
        "each",
        "reduce takes",
        "each");
    plan.sizes().forEach(executors -> bytes(text, executors));
    line(text, "");
    line(
        text,
        "%9s %8s %9s %9s %9s %8s %8s %9s %10s %9s",
        "executors",
        "send s",
        "encode",
        "decode",
        "back",
        "reduce",
        "update",
        "together",
        "tokens/s",
        "computing");
    plan.sizes().forEach(executors -> seconds(text, executors));
  }

  private void bytes(StringBuilder text, int executors) {
    int batch = plan.settings().batch();
    double decode = batch * work.traffic().decodeFetches(executors) / GIB;
    double back = batch * work.traffic().backFetches(executors) / GIB;
    double reduce = plan.exchangedBytes(executors) / GIB;
    line(
        text,
        "%,9d %12.3f %10.3f %12.3f %10.3f %12.3f %10.3f",
        executors,
        decode,
        decode / executors,
        back,
        back / executors,
        reduce,
        reduce / executors);
  }

  private void seconds(StringBuilder text, int executors) {
    ChunkSeconds seconds = ChunkSeconds.of(plan, work, executors);
    line(
        text,
        "%,9d %8.3f %9.3f %9.3f %9.3f %8.3f %8.3f %9.3f %,10.0f %8.0f%%",
        executors,
        seconds.send(),
        seconds.encode(),
        seconds.decode(),
        seconds.back(),
        seconds.reduce(),
        seconds.update(),
        seconds.total(),
        plan.stepTokens() / seconds.total(),
        100 * seconds.compute() / seconds.total());
  }
}
