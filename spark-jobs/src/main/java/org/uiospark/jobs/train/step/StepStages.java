package org.uiospark.jobs.train.step;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.SparkStatusTracker;
import org.uiospark.jobs.train.reduce.OrderedReduce;

/**
 * The stages of the newest job of a step, as Spark's own status knows them: one or more of the
 * lanes, then the shards of their sum, unless the driver adds the lanes itself.
 *
 * @param last id of the last one
 * @param lastSince when that was submitted, in milliseconds since 1970
 */
record StepStages(int last, long lastSince) {
  /**
   * How Spark says which task of the first attempt at a stage it gave up, in the digits of its
   * locale. A later attempt holds the tasks that are missing, and counts them from 0.
   */
  private static final Pattern FAILED_TASK =
      Pattern.compile("Task (\\p{Nd}+) in stage (\\p{Nd}+)\\.(\\p{Nd}+) ");

  /** The stages; empty if Spark has forgotten them, or never began. */
  static Optional<StepStages> of(SparkContext spark, String group) {
    SparkStatusTracker status = spark.statusTracker();
    OptionalInt job = Arrays.stream(status.getJobIdsForGroup(group)).max();
    if (job.isEmpty() || status.getJobInfo(job.getAsInt()).isEmpty()) {
      return Optional.empty();
    }
    int[] stages = status.getJobInfo(job.getAsInt()).get().stageIds();
    int last = Arrays.stream(stages).max().orElse(-1);
    scala.Option<SparkStageInfo> info = status.getStageInfo(last);
    return Optional.of(new StepStages(last, info.isEmpty() ? 0 : info.get().submissionTime()));
  }

  /**
   * The lane, counted from 0, whose task a failed job gave up after its last attempt.
   *
   * @param reduce of the step
   */
  Optional<Integer> failedLane(Throwable failure, OrderedReduce reduce) {
    Matcher found = FAILED_TASK.matcher(String.valueOf(failure.getMessage()));
    return found.find()
            && Integer.parseInt(found.group(3)) == 0
            && (reduce.isOnDriver() || Integer.parseInt(found.group(2)) != last)
        ? Optional.of(Integer.parseInt(found.group(1)))
        : Optional.empty();
  }
}
