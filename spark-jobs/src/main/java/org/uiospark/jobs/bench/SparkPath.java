package org.uiospark.jobs.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.stat.descriptive.rank.Median;
import org.apache.spark.sql.SparkSession;
import org.uiospark.jobs.device.ComputeDevice;
import org.uiospark.jobs.settings.ArithmeticSettings;
import org.uiospark.jobs.settings.DataMixture;
import org.uiospark.jobs.settings.DistillationSettings;
import org.uiospark.jobs.settings.HeldOutSettings;
import org.uiospark.jobs.settings.OptimizerSettings;
import org.uiospark.jobs.settings.RetentionSettings;
import org.uiospark.jobs.settings.TrackingSettings;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.jobs.task.ModelReference;
import org.uiospark.jobs.train.Trainer;
import org.uiospark.jobs.train.step.StepMetrics;
import org.uiospark.jobs.train.step.StepTimes;

/** The steps of {@code train}, as its own metrics tell them. */
final class SparkPath {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final SparkSession spark;
  private final ModelReference model;
  private final BenchSettings settings;
  private final int tasks;
  private final int batch;
  private final Rates rates;

  SparkPath(
      SparkSession spark,
      ModelReference model,
      BenchSettings settings,
      int tasks,
      int batch,
      Rates rates) {
    this.spark = spark;
    this.model = model;
    this.settings = settings;
    this.tasks = tasks;
    this.batch = batch;
    this.rates = rates;
  }

  /**
   * Medians of the steps after warm-up.
   *
   * @param steps steps measured
   * @param secondsPerStep the whole step
   * @param tokensPerSecond tokens of a step over its seconds
   * @param gemmEfficiency operations that the mathematics needs over what products alone reach
   * @param share what is not the gradient; null where a batch has more lanes than there are tasks,
   *     for a step then holds more than its slowest lane
   * @param memory resident memory of the process; null where tasks run in others
   * @param deviceMemory memory of the first GPU; null where there is none, or tasks run elsewhere
   */
  record Figures(
      int steps,
      double secondsPerStep,
      double tokensPerSecond,
      Rates.Efficiency gemmEfficiency,
      Share share,
      ResidentMemory.Figures memory,
      ResidentMemory.Figures deviceMemory) {}

  /**
   * Spark's share of a step: all of it but the gradient of the slowest lane. Medians, so the parts
   * add up to the whole only nearly.
   *
   * @param milliseconds the share
   * @param percent of the step
   * @param broadcastMilliseconds sending the adapter out
   * @param schedulingMilliseconds what is left: starting tasks, reading what they need, leaving
   *     gradients in the shuffle or on the driver
   * @param aggregateMilliseconds adding the lanes in shards, until their mean is on the driver
   * @param updateMilliseconds clipping and AdamW on the driver
   */
  record Share(
      double milliseconds,
      double percent,
      double broadcastMilliseconds,
      double schedulingMilliseconds,
      double aggregateMilliseconds,
      double updateMilliseconds) {}

  /**
   * Trains on a data set.
   *
   * @param output folder for metrics and the checkpoint after the last step
   */
  Figures measure(Variant variant, String data, Path output, Work work) {
    ResidentMemory memory = ResidentMemory.reset();
    ReservedMemory reserved =
        ReservedMemory.reset(ComputeDevice.ofDriver(spark.sparkContext().conf()));
    new Trainer(spark, training(variant, data, output.toUri().toString())).run();
    ResidentMemory.Figures peak = spark.sparkContext().isLocal() ? memory.since(tasks, work) : null;
    List<StepMetrics> all = steps(output.resolve("metrics.jsonl"));
    List<StepMetrics> steps = all.subList(settings.repeats().warmup(), all.size());
    double seconds = median(steps, StepMetrics::seconds);
    return new Figures(
        steps.size(),
        seconds,
        median(steps, StepMetrics::tokensPerSecond),
        rates.efficiency(batch * work.flops() / tasks, seconds),
        batch > tasks ? null : share(steps),
        peak,
        // One task at a time, however many there are.
        reserved == null ? null : reserved.since(1, work));
  }

  private TrainSettings training(Variant variant, String data, String output) {
    int steps = settings.repeats().warmup() + settings.repeats().steps();
    return new TrainSettings(
        settings.adapter().with(model.model()),
        DataMixture.of(data),
        output,
        new TrainSettings.Steps(steps, batch, 1, 0, settings.collectBytes(), settings.seed()),
        new TrainSettings.Gradient(
            variant.estimator(),
            DistillationSettings.NONE,
            variant.graphMemory(),
            ArithmeticSettings.of(model.arithmetic())),
        new OptimizerSettings(1e-4, 0, 0, 0.9, 0.95, 1),
        new TrainSettings.Checkpoints(
            steps, RetentionSettings.ALL, HeldOutSettings.NONE, Duration.ofMinutes(1), false),
        TrackingSettings.NONE);
  }

  private static List<StepMetrics> steps(Path metrics) {
    try {
      List<StepMetrics> steps = new ArrayList<>();
      for (String line : Files.readAllLines(metrics)) {
        steps.add(JSON.readValue(line, StepMetrics.class));
      }
      return steps;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Share share(List<StepMetrics> steps) {
    return new Share(
        milliseconds(steps, StepTimes::sparkSeconds),
        100 * median(steps, step -> step.times().sparkSeconds() / step.seconds()),
        milliseconds(steps, StepTimes::broadcastSeconds),
        milliseconds(
            steps,
            times ->
                times.sparkSeconds()
                    - times.broadcastSeconds()
                    - times.aggregateSeconds()
                    - times.updateSeconds()),
        milliseconds(steps, StepTimes::aggregateSeconds),
        milliseconds(steps, StepTimes::updateSeconds));
  }

  private static double milliseconds(List<StepMetrics> steps, ToDoubleFunction<StepTimes> seconds) {
    return 1e3 * median(steps, step -> seconds.applyAsDouble(step.times()));
  }

  private static double median(List<StepMetrics> steps, ToDoubleFunction<StepMetrics> figure) {
    return new Median().evaluate(steps.stream().mapToDouble(figure).toArray());
  }
}
