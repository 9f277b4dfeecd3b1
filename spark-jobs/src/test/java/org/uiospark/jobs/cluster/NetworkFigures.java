package org.uiospark.jobs.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.descriptive.rank.Median;
import org.uiospark.jobs.cluster.Hosts.Link;
import org.uiospark.jobs.cluster.Hosts.Traffic;

/**
 * What steps cost the network.
 *
 * @param workers hosts that compute
 * @param lanes sequences a step
 * @param link of each host
 * @param adapterValues values of the adapter
 * @param adapterBytes their bytes as float32
 * @param driverInOverAdapter bytes into the driver in a steady step, over those of the adapter
 * @param driverOutOverAdapter the same of what leaves the driver
 * @param first the first step, in which executors load classes and model
 * @param steady means of bytes and medians of seconds over the steps after warm-up
 * @param steps all of them
 * @param stages of a steady step, in their order
 * @param sha256 of the adapter's file after the last step
 */
@JsonNaming(SnakeCaseStrategy.class)
record NetworkFigures(
    int workers,
    int lanes,
    Link link,
    long adapterValues,
    long adapterBytes,
    double driverInOverAdapter,
    double driverOutOverAdapter,
    Step first,
    Step steady,
    List<Step> steps,
    List<Stage> stages,
    String sha256) {

  /**
   * A stage of a step, from the end of the one before it.
   *
   * @param workers traffic of each
   * @param read bytes of the shuffle that a worker took from others, as Spark counts them: their
   *     mean
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record Stage(List<Traffic> workers, long read) {
    /** Mean of the same stage of several steps. */
    static Stage mean(List<Stage> steps) {
      return new Stage(
          IntStream.range(0, steps.get(0).workers().size())
              .mapToObj(worker -> Step.mean(steps, stage -> stage.workers().get(worker)))
              .toList(),
          Math.round(steps.stream().mapToLong(Stage::read).average().orElseThrow()));
    }

    /** Mean over the workers. */
    Traffic worker() {
      return new Traffic(Step.mean(workers, Traffic::in), Step.mean(workers, Traffic::out));
    }
  }

  /**
   * A step.
   *
   * @param driver its traffic
   * @param workers that of each worker
   * @param seconds the whole step
   * @param laneSeconds compute of the slowest lane
   * @param sparkSeconds the step less that
   * @param shareSeconds the step less the compute of a worker whose lanes are all as slow: where a
   *     worker has several lanes, they compute one after the other
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record Step(
      Traffic driver,
      List<Traffic> workers,
      double seconds,
      double laneSeconds,
      double sparkSeconds,
      double shareSeconds) {

    /**
     * @param links traffic of driver and workers, in this order
     * @param metrics its line of metrics.jsonl
     * @param lanes most that one core computes
     */
    static Step of(List<Traffic> links, JsonNode metrics, int lanes) {
      double seconds = metrics.get("seconds").asDouble();
      double lane = metrics.get("compute_seconds").asDouble();
      return new Step(
          links.get(0),
          links.subList(1, links.size()),
          seconds,
          lane,
          seconds - lane,
          seconds - lanes * lane);
    }

    private static Step typical(List<Step> steps) {
      return new Step(
          mean(steps, Step::driver),
          IntStream.range(0, steps.get(0).workers().size())
              .mapToObj(worker -> mean(steps, step -> step.workers().get(worker)))
              .toList(),
          median(steps, Step::seconds),
          median(steps, Step::laneSeconds),
          median(steps, Step::sparkSeconds),
          median(steps, Step::shareSeconds));
    }

    private static <T> Traffic mean(List<T> steps, Function<T, Traffic> link) {
      return new Traffic(
          mean(steps.stream().map(link).toList(), Traffic::in),
          mean(steps.stream().map(link).toList(), Traffic::out));
    }

    private static long mean(List<Traffic> links, ToLongFunction<Traffic> bytes) {
      return Math.round(links.stream().mapToLong(bytes).average().orElseThrow());
    }

    private static double median(List<Step> steps, ToDoubleFunction<Step> figure) {
      return new Median().evaluate(steps.stream().mapToDouble(figure).toArray());
    }
  }

  /**
   * Sums them up.
   *
   * @param warmup steps at the beginning that are not steady
   */
  static NetworkFigures of(
      int workers,
      int lanes,
      Link link,
      long adapterValues,
      List<Step> steps,
      int warmup,
      List<Stage> stages,
      String sha256) {
    Step steady = Step.typical(steps.subList(warmup, steps.size()));
    long bytes = adapterValues * Float.BYTES;
    return new NetworkFigures(
        workers,
        lanes,
        link,
        adapterValues,
        bytes,
        (double) steady.driver().in() / bytes,
        (double) steady.driver().out() / bytes,
        steps.get(0),
        steady,
        steps,
        stages,
        sha256);
  }
}
