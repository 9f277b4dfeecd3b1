package org.uiospark.jobs.plan;

import java.util.Locale;
import org.uiospark.jobs.settings.EstimatorSettings;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.segment.SegmentSettings;

/**
 * What {@code plan} estimates.
 *
 * @param model directory of the base model; its {@code config.json} is enough
 * @param segments segment length and memory tokens
 * @param contextSegments segments a sequence, at least two
 * @param rank LoRA rank
 * @param alpha LoRA alpha
 * @param batch sequences a step
 * @param laneSequences sequences of the batch that one task adds up
 * @param estimator gradient through the memories
 * @param graphMemoryBytes encoder graphs kept, bytes a task
 * @param precision type of the base weights
 * @param cluster what computes
 * @param stepSeconds wanted seconds a step, 0 if not asked
 * @param tokensPerDay wanted tokens a day, 0 if not asked
 */
public record PlanSettings(
    String model,
    SegmentSettings segments,
    int contextSegments,
    int rank,
    double alpha,
    int batch,
    int laneSequences,
    EstimatorSettings estimator,
    long graphMemoryBytes,
    BasePrecision precision,
    Cluster cluster,
    double stepSeconds,
    double tokensPerDay) {
  /** An estimator draws a weight for each pair of segments. */
  private static final int MOST_SEGMENTS = 4096;

  /**
   * The machines.
   *
   * @param executors each with one device and one task at a time
   * @param gpuMemoryBytes memory of a device
   * @param tflops peak of a device, 10^12 operations a second
   * @param efficiency share of the peak that the gradient reaches
   * @param networkGbits of the driver's link, 10^9 bits a second
   */
  public record Cluster(
      int executors, long gpuMemoryBytes, double tflops, double efficiency, double networkGbits) {}

  /** Reads and checks the section {@code plan}. */
  public static PlanSettings of(Settings settings) {
    SegmentSettings segments = TrainSettings.segments(settings, "plan");
    return new PlanSettings(
        settings.text("plan.model"),
        segments,
        contextSegments(settings.integer("plan.context"), segments.segmentLength()),
        settings.integer("plan.rank"),
        settings.number("plan.alpha"),
        settings.integer("plan.batch"),
        settings.integer("plan.lane-sequences"),
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
        settings.number("plan.step-seconds"),
        settings.number("plan.tokens-per-day"));
  }

  /** Whole segments, as training cuts them; a rest counts as one. */
  private static int contextSegments(int context, int segmentLength) {
    int segments = (context - 1) / segmentLength + 1;
    if (segments < 2 || segments > MOST_SEGMENTS) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "plan.context = %d is out of range: with --segment-length %d from %d to %d tokens, 2 to %d segments",
              context,
              segmentLength,
              segmentLength + 1,
              (long) MOST_SEGMENTS * segmentLength,
              MOST_SEGMENTS));
    }
    return segments;
  }

  /** Tokens a sequence. */
  public long context() {
    return (long) contextSegments * segments.segmentLength();
  }
}
