package org.uiospark.jobs.train.step;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.uiospark.jobs.task.FloatVector;
import org.uiospark.model.adapter.Adapter;
import scala.reflect.ClassTag$;

/**
 * The Spark job of a step: the adapter goes out, a task a lane computes its gradient, and the
 * driver adds them in lane order.
 *
 * <p>There is no barrier: a task that is lost is run again.
 */
public final class GradientJob {
  private final JavaSparkContext spark;
  private final LaneSettings settings;
  private final Broadcast<TrainingData> data;
  private final StepWatch watch;

  /**
   * What a step gave.
   *
   * @param sum of the gradients of all lanes
   * @param batch what the lanes read and lost
   * @param broadcastSeconds sending the adapter out
   */
  record Outcome(LaneSum sum, BatchLoss batch, double broadcastSeconds) {}

  /**
   * @param data sent to the executors once for all steps
   * @param watch ends a step that takes too long
   */
  public GradientJob(
      JavaSparkContext spark, LaneSettings settings, TrainingData data, StepWatch watch) {
    this.spark = spark;
    this.settings = settings;
    this.data = spark.broadcast(data);
    this.watch = watch;
  }

  /**
   * Runs the job.
   *
   * @param step counted from 0
   * @param sequences indices of the global batch in the {@link TrainingData}; each is a lane
   * @throws IllegalStateException naming the sequence if its task fails again and again
   */
  Outcome run(long step, long[] sequences, Adapter adapter) {
    long begin = System.nanoTime();
    Broadcast<FloatVector> values = spark.broadcast(new FloatVector(adapter.values()));
    long sent = System.nanoTime();
    LaneSum sum = new LaneSum(step + 1, sequences.length, adapter.values().length);
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
    // Only after success: a Spark that was stopped would throw here and hide why.
    values.destroy();
    return new Outcome(
        sum,
        sum.loss(Arrays.stream(sequences).mapToObj(data.value()::objective).toList()),
        (sent - begin) / 1e9);
  }

  /** A partition a lane, each with the indices of its sequences in the {@link TrainingData}. */
  private JavaRDD<long[]> lanes(long[] sequences) {
    List<long[]> lanes = new ArrayList<>();
    for (long index : sequences) {
      lanes.add(new long[] {index});
    }
    return spark.parallelize(lanes, lanes.size());
  }

  /** Says what went wrong, and names the sequence where Spark gave up its task. */
  private String failure(long[] sequences, Exception failure) {
    return StepWatch.failedTask(failure)
        .map(lane -> name(sequences[lane], failure) + ": its task failed every time")
        .orElseGet(failure::getMessage);
  }

  /** The document of a sequence, or its number if the task failed because it cannot be read. */
  private String name(long index, Exception failure) {
    try {
      return data.value().name(data.value().sequence(index), index);
    } catch (Exception e) {
      // Exception, for Scala declares none of the checked ones that it throws.
      failure.addSuppressed(e);
      return "sequence " + index;
    }
  }
}
