package org.uiospark.jobs.train.step;

import org.uiospark.model.segment.NonFiniteException;

/**
 * One optimizer step: draws the global batch, has the cluster compute its gradient, and updates the
 * adapter.
 *
 * <p>The bits of the result depend on adapter, step and data, not on the cluster.
 */
public final class TrainingStep {
  private final SequenceOrder order;
  private final int batch;
  private final GradientJob job;
  private final TrainedAdapter adapter;

  /**
   * @param batch sequences in the global batch
   * @param adapter what the steps train
   */
  public TrainingStep(SequenceOrder order, int batch, GradientJob job, TrainedAdapter adapter) {
    this.order = order;
    this.batch = batch;
    this.job = job;
    this.adapter = adapter;
  }

  /**
   * Updates the adapter in place.
   *
   * @param step counted from 0
   * @throws NonFiniteException if a loss, a gradient or the updated adapter is not finite
   * @throws IllegalStateException naming the sequence if its task fails again and again
   */
  public StepMetrics take(long step) {
    long begin = System.nanoTime();
    long[] sequences = order.batch(step, batch);
    GradientJob.Outcome gradient = job.run(step, sequences, adapter.adapter());
    long computed = System.nanoTime();
    double lr = adapter.update(step, gradient.mean(), gradient.norm());
    long end = System.nanoTime();
    double seconds = (end - begin) / 1e9;
    return new StepMetrics(
        step + 1,
        order.epoch(step, batch),
        gradient.batch(),
        seconds,
        gradient.batch().tokens() / seconds,
        gradient.norm(),
        lr,
        new StepTimes(
            gradient.broadcastSeconds(),
            gradient.computeSeconds(),
            seconds - gradient.computeSeconds(),
            gradient.reduceSeconds(),
            (end - computed) / 1e9),
        null);
  }
}
