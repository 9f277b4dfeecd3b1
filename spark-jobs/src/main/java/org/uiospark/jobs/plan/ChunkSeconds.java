package org.uiospark.jobs.plan;

import java.util.Collections;
import java.util.PriorityQueue;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Where the seconds of a step of chunks go on a number of executors, each with one device and one
 * task at a time: three stages of a task a chunk, the reduce, and the update. With B sequences of n
 * chunks, E executors, and links of R bytes a second:
 *
 * <ul>
 *   <li>send: the driver sends the adapter, as in {@link StepSeconds};
 *   <li>encode, decode and back: tasks start in the order of the chunks, each on the executor that
 *       is free first. A task computes its operations ({@code FlopCount}), and has what it leaves
 *       and takes at {@link StepSeconds#LEAVE_NANOS} and {@link StepSeconds#ADD_NANOS} for 4 bytes;
 *   <li>decode and back: before that, what they take crosses the links ({@link ChunkTraffic}), as
 *       long as the link that carries most;
 *   <li>reduce: exchange, add and receive of {@link StepSeconds} for {@code n B} lanes.
 * </ul>
 *
 * <p>Nothing overlaps. Starting tasks, reading data and writing checkpoints are not counted.
 *
 * @param compute of encode, decode and back, what devices compute
 */
record ChunkSeconds(
    double send,
    double encode,
    double decode,
    double back,
    double reduce,
    double update,
    double compute) {

  static ChunkSeconds of(Plan plan, ChunkWork work, int executors) {
    Stages stages = new Stages(plan, work.traffic(), executors);
    int values = plan.adapter().size();
    double linkBytes = plan.linkBytes();
    StepSeconds whole =
        StepSeconds.of(executors, values, plan.lanes(), plan.settings().collect(), 0, linkBytes);
    IntToDoubleFunction encode = i -> work.flops().get(i).encode() / plan.flopsPerSecond();
    IntToDoubleFunction decode = i -> work.flops().get(i).decode() / plan.flopsPerSecond();
    IntToDoubleFunction back = i -> work.flops().get(i).back() / plan.flopsPerSecond();
    ChunkTraffic traffic = work.traffic();
    double gradient = leaving((double) Float.BYTES * values);
    return new ChunkSeconds(
        whole.send(),
        stages.span(i -> encode.applyAsDouble(i) + leaving(traffic.encodeLeaves(i))),
        stages.mostOfBank() / linkBytes
            + stages.span(i -> decode.applyAsDouble(i) + leaving(traffic.decodeLeaves(i))),
        stages.mostTowards() / linkBytes
            + stages.span(i -> back.applyAsDouble(i) + taking(traffic.backTakes(i)) + gradient),
        whole.exchange() + whole.add() + whole.receive(),
        whole.update(),
        stages.span(encode) + stages.span(decode) + stages.span(back));
  }

  /** The whole step. */
  double total() {
    return send + encode + decode + back + reduce + update;
  }

  private static double leaving(double bytes) {
    return bytes / Float.BYTES * StepSeconds.LEAVE_NANOS / 1e9;
  }

  private static double taking(double bytes) {
    return bytes / Float.BYTES * StepSeconds.ADD_NANOS / 1e9;
  }

  /** The stages of a step on its executors. */
  private record Stages(Plan plan, ChunkTraffic traffic, int executors) {
    /** How long a stage takes. */
    double span(IntToDoubleFunction chunkSeconds) {
      PriorityQueue<Double> free =
          new PriorityQueue<>(Collections.nCopies(Math.min(executors, plan.lanes()), 0.0));
      double last = 0;
      for (int lane = 0; lane < plan.lanes(); lane++) {
        double end = free.remove() + chunkSeconds.applyAsDouble(lane % traffic.chunks());
        free.add(end);
        last = Math.max(last, end);
      }
      return last;
    }

    /** Bytes through the link of the executor that has most: the bank of each of its sequences. */
    double mostOfBank() {
      int chunks = traffic.chunks();
      int batch = plan.settings().batch();
      int sequences = (int) Math.min(batch, Math.ceil((double) batch * chunks / executors));
      double in = sequences * traffic.decodeTakes(chunks - 1) * ChunkTraffic.remote(executors);
      // Whoever encoded the largest chunk gives it to all others that decode behind it.
      double out = (double) traffic.encodeLeaves(0) * (Math.min(chunks, executors) - 1);
      return Math.max(Math.max(in, out), batch * traffic.decodeFetches(executors) / executors);
    }

    /** The same of the gradients towards it. */
    double mostTowards() {
      double in =
          IntStream.range(0, traffic.chunks()).mapToLong(traffic::backTakes).max().orElse(0);
      double out = traffic.decodeLeaves(traffic.chunks() - 1);
      return Math.max(
          Math.max(in, out) * ChunkTraffic.remote(executors),
          plan.settings().batch() * traffic.backFetches(executors) / executors);
    }
  }
}
