package org.uiospark.jobs.train.step;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.uiospark.model.input.InvalidInputException;

/**
 * Turns a step that does not end into an error: Spark would wait for ever for executors that never
 * come, or for a task that hangs while its executor still answers.
 */
public final class StepWatch {
  /** Spark setting of the longest time that a step may take. */
  static final String TIMEOUT = "spark.uio.stepTimeout";

  private final SparkContext spark;
  private final Duration patience;

  /**
   * @throws InvalidInputException if the setting is no time
   */
  public StepWatch(SparkContext spark) {
    this.spark = spark;
    this.patience = patience(spark.conf());
  }

  private static Duration patience(SparkConf conf) {
    try {
      long millis = conf.getTimeAsMs(TIMEOUT, "1h");
      if (millis > 0) {
        return Duration.ofMillis(millis);
      }
    } catch (IllegalArgumentException e) {
      // Said below, as for a time that is over at once.
    }
    throw new InvalidInputException(
        String.format(
            Locale.ROOT,
            "%s = %s is no time to wait; set it to one such as 90m or 2h",
            TIMEOUT,
            conf.get(TIMEOUT)));
  }

  /** What Spark calls the jobs of a step. */
  static String group(long step) {
    return "step " + step;
  }

  /** Runs a job of a step; when the patience is over its tasks are cancelled, and it throws. */
  public <T> T run(long step, Supplier<T> job) {
    String group = group(step);
    CompletableFuture<Void> done = new CompletableFuture<>();
    done.orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete(
            (nothing, late) -> {
              if (late != null) {
                spark.cancelJobGroup(
                    group,
                    String.format(
                        Locale.ROOT,
                        "%s took longer than %s = %d s",
                        group,
                        TIMEOUT,
                        patience.toSeconds()));
              }
            });
    spark.setJobGroup(group, group, false);
    try {
      return job.get();
    } finally {
      done.complete(null);
      spark.clearJobGroup();
    }
  }
}
