package org.uiospark.jobs.plan;

import java.util.Locale;
import org.uiospark.jobs.settings.AdapterSettings;
import org.uiospark.jobs.settings.EstimatorSettings;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.jobs.train.reduce.CollectSize;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.BasePrecision;

/**
 * What {@code plan} estimates.
 *
 * @param adapter base model, whose {@code config.json} is enough, and shape of the adapter
 * @param contextSegments segments a sequence, at least two
 * @param batch sequences a step
 * @param laneSequences sequences of the batch that one task adds up
 * @param chunkSegments segments of a chunk on average, of which each is a task; 0 where a sequence
 *     is not cut
 * @param collect whether the driver takes the gradients of a step itself
 * @param estimator gradient through the memories
 * @param graphMemoryBytes encoder graphs kept, bytes a task
 * @param precision type of the base weights
 * @param cluster what computes
 * @param wanted what the number of executors is asked for
 */
public record PlanSettings(
    AdapterSettings adapter,
    int contextSegments,
    int batch,
    int laneSequences,
    int chunkSegments,
    CollectSize collect,
    EstimatorSettings estimator,
    long graphMemoryBytes,
    BasePrecision precision,
    Cluster cluster,
    Wanted wanted) {
  /** Of 1,024 tokens each, those of the longest sequence that prep cuts. */
  private static final int MOST_SEGMENTS = 1 << 16;

  /**
   * The machines.
   *
   * @param executors each with one device and one task at a time
   * @param gpuMemoryBytes memory of a device
   * @param tflops peak of a device, 10^12 operations a second
   * @param efficiency share of the peak that the gradient reaches
   * @param networkGbits of the link of each machine, 10^9 bits a second
   */
  public record Cluster(
      int executors, long gpuMemoryBytes, double tflops, double efficiency, double networkGbits) {}

  /**
   * How fast training is to go.
   *
   * @param stepSeconds seconds a step, 0 if not asked
   * @param tokensPerDay tokens a day, 0 if not asked
   */
  public record Wanted(double stepSeconds, double tokensPerDay) {}

  /** Reads and checks the section {@code plan}. */
  public static PlanSettings of(Settings settings) {
    AdapterSettings adapter = AdapterSettings.of(settings, "plan");
    int laneSequences = settings.integer("plan.lane-sequences");
    int chunkSegments = settings.integer("plan.chunk-segments");
    TrainSettings.Steps.requireOneCut("plan", laneSequences, chunkSegments);
    return new PlanSettings(
        adapter,
        contextSegments(settings.integer("plan.tokens"), adapter.segments().segmentLength()),
        settings.integer("plan.batch"),
        laneSequences,
        chunkSegments,
        new CollectSize(settings.bytes("plan.collect-size")),
        EstimatorSettings.of(settings, "plan"),
        settings.bytes("plan.graph-memory"),
        settings.text("plan.precision").equals("float32")
            ? BasePrecision.FLOAT32
            : BasePrecision.BFLOAT16,
        new Cluster(
            settings.integer("plan.executors"),
            settings.bytes("plan.gpu-memory"),
            settings.number("plan.tflops"),
            settings.number("plan.efficiency"),
            settings.number("plan.network")),
        new Wanted(settings.number("plan.step-seconds"), settings.number("plan.tokens-per-day")));
  }

  /** Whole segments, as training cuts them; a rest counts as one. */
  private static int contextSegments(int tokens, int segmentLength) {
    int segments = (tokens - 1) / segmentLength + 1;
    if (segments < 2 || segments > MOST_SEGMENTS) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "plan.tokens = %d is out of range: with --segment-length %d from %d to %d tokens, 2 to %d segments",
              tokens,
              segmentLength,
              segmentLength + 1,
              (long) MOST_SEGMENTS * segmentLength,
              MOST_SEGMENTS));
    }
    return segments;
  }

  /** Tokens a sequence. */
  public long context() {
    return (long) contextSegments * adapter.segments().segmentLength();
  }
}
