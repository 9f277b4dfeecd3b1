package org.uiospark.jobs.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.uiospark.jobs.task.FloatVector;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.optim.AdamW;
import org.uiospark.model.optim.Chunks;
import org.uiospark.model.optim.GradientNorm;
import org.uiospark.model.optim.LearningRateSchedule;
import org.uiospark.model.segment.NonFiniteException;
import scala.reflect.ClassTag$;

/**
 * One optimizer step over the cluster: the adapter goes out, a Spark task a lane computes its
 * gradient, the driver adds them in lane order, clips and updates.
 *
 * <p>The bits of the result depend on adapter, step and data, not on the cluster. There is no
 * barrier: a task that is lost is run again.
 */
final class TrainingStep {
  private final JavaSparkContext spark;
  private final LaneSettings settings;
  private final Broadcast<TrainingData> data;
  private final SequenceOrder order;
  private final int batch;
  private final AdamW optimizer;
  private final LearningRateSchedule schedule;
  private final double clip;
  private final StepWatch watch;

  /**
   * @param batch sequences in the global batch; each is a lane of its own
   * @param clip largest global norm of the gradient, 0 for none
   * @param watch ends a step that takes too long
   */
  TrainingStep(
      JavaSparkContext spark,
      LaneSettings settings,
      TrainingData data,
      SequenceOrder order,
      int batch,
      AdamW optimizer,
      LearningRateSchedule schedule,
      double clip,
      StepWatch watch) {
    this.spark = spark;
    this.settings = settings;
    this.data = spark.broadcast(data);
    this.order = order;
    this.batch = batch;
    this.optimizer = optimizer;
    this.schedule = schedule;
    this.clip = clip;
    this.watch = watch;
  }

  /**
   * Updates the adapter in place.
   *
   * @param step counted from 0
   * @throws NonFiniteException if a loss, a gradient or the updated adapter is not finite
   * @throws IllegalStateException naming the sequence if its task fails again and again
   */
  StepMetrics take(long step, Adapter adapter) {
    long begin = System.nanoTime();
    long[] sequences = order.batch(step, batch);
    Broadcast<FloatVector> values = spark.broadcast(new FloatVector(adapter.values()));
    long sent = System.nanoTime();
    LaneSum sum = new LaneSum(step + 1, batch, adapter.values().length);
    try {
      LaneTask task = new LaneTask(settings, step, values, data);
      watch.run(
          step + 1,
          () -> {
            spark
                .sc()
                .runJob(lanes(sequences).rdd(), task, sum, ClassTag$.MODULE$.apply(byte[].class));
            return sum;
          });
    } catch (Exception e) {
      // Scala declares no exceptions, so the compiler knows of no SparkException here.
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "step %d: %s; the adapter was not updated",
              step + 1,
              failure(sequences, e)),
          e);
    }
    // Not after a failure, which ends the run: a Spark that was stopped would throw in its place.
    values.destroy();
    long computed = System.nanoTime();
    float[] gradient = sum.mean();
    double norm = clip > 0 ? GradientNorm.clip(gradient, clip) : GradientNorm.of(gradient);
    double lr = schedule.at(step);
    optimizer.update(adapter.values(), gradient, lr);
    requireFinite(step + 1, adapter.values(), lr);
    long end = System.nanoTime();
    double seconds = seconds(begin, end);
    return new StepMetrics(
        step + 1,
        order.epoch(step, batch),
        sum.meanLoss(),
        sum.meanLosses(Arrays.stream(sequences).mapToObj(data.value()::objective).toList()),
        sum.tokens(),
        sum.validLabels(),
        seconds,
        sum.tokens() / seconds,
        norm,
        lr,
        seconds(begin, sent),
        sum.computeSeconds(),
        seconds - sum.computeSeconds(),
        sum.seconds(),
        seconds(computed, end),
        null);
  }

  /** What went wrong with which sequence, where Spark gave up a task of the step. */
  private String failure(long[] sequences, Exception failure) {
    return StepWatch.failedTask(failure)
        .map(lane -> name(sequences[lane], failure) + ": its task failed every time")
        .orElseGet(failure::getMessage);
  }

  /** Its document, unless the task failed because the sequence cannot be read. */
  private String name(long index, Exception failure) {
    try {
      return data.value().name(data.value().sequence(index), index);
    } catch (Exception e) {
      // Not of RuntimeException alone: Scala declares none of what it throws.
      failure.addSuppressed(e);
      return "sequence " + index;
    }
  }

  /** A partition a lane, each with the indices of its sequences in the {@link TrainingData}. */
  private JavaRDD<long[]> lanes(long[] sequences) {
    List<long[]> lanes = new ArrayList<>();
    for (long index : sequences) {
      lanes.add(new long[] {index});
    }
    return spark.parallelize(lanes, lanes.size());
  }

  /** No checkpoint of this adapter could ever be loaded. */
  private static void requireFinite(long step, float[] adapter, double lr) {
    if (!Chunks.all(adapter.length, (from, to) -> Chunks.finite(adapter, from, to))) {
      throw new NonFiniteException(
          String.format(
              Locale.ROOT,
              "step %d: the update at learning rate %s made the adapter infinite; lower --lr",
              step,
              lr));
    }
  }

  private static double seconds(long from, long to) {
    return (to - from) / 1e9;
  }
}
