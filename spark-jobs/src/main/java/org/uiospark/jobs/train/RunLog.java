package org.uiospark.jobs.train;

import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.jobs.lock.OutputLock;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.jobs.tracking.Outcome;
import org.uiospark.jobs.tracking.RunTracking;
import org.uiospark.jobs.train.step.StepMetrics;

/** Everybody who is told of a step: {@code metrics.jsonl}, tracking, and the log for people. */
final class RunLog implements AutoCloseable {
  private final RunTracking tracking;
  private final MetricsLog metrics;
  private final Progress progress;
  private final OutputLock lock;

  private RunLog(RunTracking tracking, MetricsLog metrics, Progress progress, OutputLock lock) {
    this.tracking = tracking;
    this.metrics = metrics;
    this.progress = progress;
    this.lock = lock;
  }

  /**
   * Opens the log of a run.
   *
   * @param lock held by this run
   * @param at where the run stands; what was logged past that step is dropped
   */
  static RunLog open(
      TrainSettings settings, OutputFolder output, OutputLock lock, TrainerState at) {
    RunTracking tracking = RunTracking.open(settings.tracking(), output, at);
    try {
      return new RunLog(
          tracking,
          new MetricsLog(output, lock, at.step()),
          new Progress(settings.steps().count()),
          lock);
    } catch (RuntimeException e) {
      tracking.close();
      throw e;
    }
  }

  /** Tells of a step that was taken. */
  void step(StepMetrics taken) {
    metrics.append(taken);
    tracking.step(taken.step(), taken.values());
    progress.done(taken);
  }

  /** Makes sure that every line so far is where it belongs. */
  void flush() {
    metrics.flush();
    tracking.flush();
  }

  /** Says how the run ended; without it, it failed. */
  void ended(Outcome outcome) {
    tracking.ended(outcome);
  }

  @Override
  public void close() {
    try {
      metrics.close();
    } finally {
      if (lock.isLost()) {
        // Another driver goes on with the run, and says how that ended.
        tracking.abandon();
      }
      tracking.close();
    }
  }
}
