package org.uiospark.jobs.settings;

import java.time.Duration;
import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;

/**
 * What {@code train} does.
 *
 * @param adapter base model and shape of the adapter
 * @param data the data sets and their weights
 * @param output URI for metrics and checkpoints
 * @param steps how many, and what each takes
 * @param gradient how the gradient of a sequence is computed
 * @param optimizer AdamW, schedule and clipping
 * @param checkpoints when they are written, and what becomes of them
 * @param tracking who else is told how the run goes
 */
public record TrainSettings(
    AdapterSettings adapter,
    DataMixture data,
    String output,
    Steps steps,
    Gradient gradient,
    OptimizerSettings optimizer,
    Checkpoints checkpoints,
    TrackingSettings tracking) {

  /**
   * The steps of a run.
   *
   * @param count optimizer steps
   * @param batch sequences in the global batch of each
   * @param laneSequences sequences of the batch that one task adds up
   * @param chunkSegments segments of a chunk on average, of which each is a task; 0 where a
   *     sequence is not cut
   * @param collectBytes the largest gradients of all lanes of a step together that the driver takes
   *     and adds itself, 0 for none
   * @param seed what everything random follows from
   */
  public record Steps(
      int count, int batch, int laneSequences, int chunkSegments, long collectBytes, long seed) {

    /** Refuses tasks that are made of sequences and of parts of them at once. */
    public Steps {
      requireOneCut("train", laneSequences, chunkSegments);
    }

    /**
     * The same of the settings of another section.
     *
     * @throws InvalidInputException if both are asked for
     */
    public static void requireOneCut(String section, int laneSequences, int chunkSegments) {
      if (laneSequences > 1 && chunkSegments > 0) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%1$s.lane-sequences = %2$d and %1$s.chunk-segments = %3$d contradict: a task adds up sequences or takes a chunk of one; set the former to 1 or the latter to 0",
                section,
                laneSequences,
                chunkSegments));
      }
    }

    /** Tasks of a step of whole sequences: the last one may have fewer of them. */
    public int lanes() {
      return (batch - 1) / laneSequences + 1;
    }
  }

  /**
   * The gradient of a sequence.
   *
   * @param estimator gradient through the memories
   * @param distillation what is mixed into the cross-entropy
   * @param graphMemoryBytes encoder graphs kept instead of encoding again, bytes a task
   * @param arithmetic how CPUs compute
   */
  public record Gradient(
      EstimatorSettings estimator,
      DistillationSettings distillation,
      long graphMemoryBytes,
      ArithmeticSettings arithmetic) {}

  /**
   * The checkpoints of a run.
   *
   * @param every steps between two
   * @param retention which of them stay
   * @param heldOut what their held-out loss is measured on
   * @param lease the time after which another run may take the output from a driver that is silent
   * @param resume whether to go on from the newest whole one in the output
   */
  public record Checkpoints(
      int every,
      RetentionSettings retention,
      HeldOutSettings heldOut,
      Duration lease,
      boolean resume) {

    /** Refuses to choose the best by a loss that is not measured. */
    public Checkpoints {
      if (retention.keepBest() > 0 && heldOut.data().isEmpty()) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "train.keep-best = %d needs a held-out loss; give --held-out URI as well",
                retention.keepBest()));
      }
    }
  }

  /** Reads and checks the section {@code train}. */
  public static TrainSettings of(Settings settings, boolean resume) {
    int steps = settings.integer("train.steps");
    return new TrainSettings(
        AdapterSettings.of(settings, "train"),
        DataMixture.of(settings.text("train.data")),
        settings.text("train.output"),
        new Steps(
            steps,
            settings.integer("train.batch"),
            settings.integer("train.lane-sequences"),
            settings.integer("train.chunk-segments"),
            settings.bytes("train.collect-size"),
            settings.whole("train.seed")),
        new Gradient(
            EstimatorSettings.of(settings, "train"),
            DistillationSettings.of(settings),
            settings.bytes("train.graph-memory"),
            ArithmeticSettings.of(settings)),
        OptimizerSettings.of(settings, steps),
        new Checkpoints(
            settings.integer("train.checkpoint-every"),
            RetentionSettings.of(settings),
            HeldOutSettings.of(settings),
            Duration.ofSeconds(settings.integer("train.lease-seconds")),
            resume),
        TrackingSettings.of(settings, System.getenv()));
  }
}
