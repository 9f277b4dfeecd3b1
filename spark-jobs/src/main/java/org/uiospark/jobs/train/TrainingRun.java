package org.uiospark.jobs.train;

import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.uiospark.jobs.checkpoint.Checkpoint;
import org.uiospark.jobs.checkpoint.CheckpointWriter;
import org.uiospark.jobs.checkpoint.Losses;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.jobs.evaluate.HeldOutLoss;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.jobs.train.reduce.CollectSize;
import org.uiospark.jobs.train.step.GradientJob;
import org.uiospark.jobs.train.step.SequenceOrder;
import org.uiospark.jobs.train.step.StepMetrics;
import org.uiospark.jobs.train.step.StepWatch;
import org.uiospark.jobs.train.step.TrainedAdapter;
import org.uiospark.jobs.train.step.TrainingData;
import org.uiospark.jobs.train.step.TrainingStep;

/** A run on its way: the adapter, the step that it stands at, and what is kept of every step. */
final class TrainingRun {
  private final RunDescription run;
  private final TrainSettings settings;
  private final TrainedAdapter adapter;
  private final StepWatch watch;
  private final TrainingStep step;
  private final Optional<HeldOutLoss> heldOut;
  private final StopSignal stop;
  private long at;
  private boolean stopping;

  /**
   * @param from where it starts
   * @param heldOut what a due checkpoint is measured by
   * @param stop asked after every step
   */
  TrainingRun(
      JavaSparkContext spark,
      RunDescription run,
      Checkpoint from,
      Optional<HeldOutLoss> heldOut,
      StopSignal stop) {
    this.run = run;
    this.settings = run.settings();
    this.adapter = TrainedAdapter.of(from, settings.optimizer(), settings.steps().count());
    this.watch = new StepWatch(spark.sc());
    TrainingData data = run.input().data();
    this.step =
        new TrainingStep(
            new SequenceOrder(data.sizes(), data.weights(), settings.steps().seed()),
            settings.steps().batch(),
            new GradientJob(
                spark, run.lanes(), data, new CollectSize(settings.steps().collectBytes()), watch),
            adapter);
    this.heldOut = heldOut;
    this.stop = stop;
    this.at = from.state().step();
  }

  /**
   * Takes steps up to the last one, or the one in which it is asked to stop.
   *
   * @param log told of every step
   * @param checkpoints writes those that are due, and that of the step it stops at
   */
  void train(RunLog log, CheckpointWriter checkpoints) {
    while (!isFinished() && !stopping) {
      StepMetrics taken = step.take(at);
      at = taken.step();
      try {
        taken = measured(taken);
      } finally {
        // A loss that cannot be measured ends the run, but the steps up to here are good.
        keep(taken, log, checkpoints);
      }
    }
  }

  /** Steps taken. */
  long at() {
    return at;
  }

  /** Whether all steps are taken. */
  boolean isFinished() {
    return at >= settings.steps().count();
  }

  private boolean isDue() {
    return at % settings.checkpoints().every() == 0 || isFinished();
  }

  private StepMetrics measured(StepMetrics taken) {
    if (!isDue() || heldOut.isEmpty()) {
      return taken;
    }
    HeldOutLoss loss = heldOut.get();
    return taken.withHeldOutLoss(watch.run(at, () -> loss.of(adapter.adapter())));
  }

  private void keep(StepMetrics taken, RunLog log, CheckpointWriter checkpoints) {
    log.step(taken);
    stopping = stop.isAsked();
    if (isDue() || stopping) {
      // Before the checkpoint counts: a run that goes on from it finds every line up to it.
      log.flush();
      checkpoints.write(this::snapshot, new Losses(taken.batch().loss(), taken.heldOutLoss()));
    }
  }

  private Checkpoint snapshot() {
    TrainerState state = run.state().at(at);
    return adapter.snapshot(run.adapterConfig(adapter.adapter().shape(), state), state);
  }
}
