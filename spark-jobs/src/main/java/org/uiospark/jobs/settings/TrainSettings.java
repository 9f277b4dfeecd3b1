package org.uiospark.jobs.settings;

import java.time.Duration;
import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.SegmentSettings;

/**
 * What {@code train} does.
 *
 * @param model directory of the base model
 * @param data the data sets and their weights
 * @param output URI for metrics and checkpoints
 * @param steps optimizer steps
 * @param batch sequences in the global batch
 * @param seed what everything random follows from
 * @param segments segment length and memory tokens
 * @param rank LoRA rank
 * @param alpha LoRA alpha
 * @param estimator gradient through the memories
 * @param distillation what is mixed into the cross-entropy
 * @param optimizer AdamW, schedule and clipping
 * @param graphMemoryBytes encoder graphs kept instead of encoding again, bytes a task
 * @param arithmetic how CPUs compute
 * @param checkpointEvery steps between checkpoints
 * @param retention which checkpoints stay
 * @param heldOut what their held-out loss is measured on
 * @param tracking who else is told how the run goes
 * @param lease the time after which another run may take the output from a driver that is silent
 * @param resume whether to go on from the newest whole checkpoint in {@code output}
 */
public record TrainSettings(
    String model,
    DataMixture data,
    String output,
    int steps,
    int batch,
    long seed,
    SegmentSettings segments,
    int rank,
    double alpha,
    EstimatorSettings estimator,
    DistillationSettings distillation,
    OptimizerSettings optimizer,
    long graphMemoryBytes,
    ArithmeticSettings arithmetic,
    int checkpointEvery,
    RetentionSettings retention,
    HeldOutSettings heldOut,
    TrackingSettings tracking,
    Duration lease,
    boolean resume) {

  /** Refuses to choose the best by a loss that is not measured. */
  public TrainSettings {
    if (retention.keepBest() > 0 && heldOut.data().isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "train.keep-best = %d needs a held-out loss; give --held-out URI as well",
              retention.keepBest()));
    }
  }

  /** Reads and checks the section {@code train}. */
  public static TrainSettings of(Settings settings, boolean resume) {
    int steps = settings.integer("train.steps");
    return new TrainSettings(
        settings.text("train.model"),
        DataMixture.of(settings.text("train.data")),
        settings.text("train.output"),
        steps,
        settings.integer("train.batch"),
        settings.whole("train.seed"),
        segments(settings, "train"),
        settings.integer("train.rank"),
        settings.number("train.alpha"),
        EstimatorSettings.of(settings, "train"),
        DistillationSettings.of(settings),
        OptimizerSettings.of(settings, steps),
        settings.bytes("train.graph-memory"),
        ArithmeticSettings.of(settings),
        settings.integer("train.checkpoint-every"),
        RetentionSettings.of(settings),
        HeldOutSettings.of(settings),
        TrackingSettings.of(settings, System.getenv()),
        Duration.ofSeconds(settings.integer("train.lease-seconds")),
        resume);
  }

  /** How a section cuts text. */
  public static SegmentSettings segments(Settings settings, String section) {
    return new SegmentSettings(
        settings.integer(section + ".segment-length"),
        settings.integer(section + ".memory-tokens"));
  }
}
