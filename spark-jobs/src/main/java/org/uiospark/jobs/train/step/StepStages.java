package org.uiospark.jobs.train.step;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.SparkStatusTracker;

/**
 * The stages of the newest job of a step, as Spark's own status knows them: the lanes, then the
 * shards of their sum. Where the driver takes the lanes itself, the first is the last one as well.
 *
 * @param lanes id of the first one
 * @param shards id of the last one
 * @param shardsSince when that was submitted, in milliseconds since 1970
 */
record StepStages(int lanes, int shards, long shardsSince) {
  /** How Spark says which task it gave up, in the digits of its locale. */
  private static final Pattern FAILED_TASK =
      Pattern.compile("Task (\\p{Nd}+) in stage (\\p{Nd}+)\\.");

  /** The stages; empty if Spark has forgotten them, or never began. */
  static Optional<StepStages> of(SparkContext spark, String group) {
    SparkStatusTracker status = spark.statusTracker();
    OptionalInt job = Arrays.stream(status.getJobIdsForGroup(group)).max();
    if (job.isEmpty() || status.getJobInfo(job.getAsInt()).isEmpty()) {
      return Optional.empty();
    }
    int[] stages = status.getJobInfo(job.getAsInt()).get().stageIds();
    int shards = Arrays.stream(stages).max().orElse(-1);
    scala.Option<SparkStageInfo> second = status.getStageInfo(shards);
    return Optional.of(
        new StepStages(
            Arrays.stream(stages).min().orElse(-1),
            shards,
            second.isEmpty() ? 0 : second.get().submissionTime()));
  }

  /** The lane, counted from 0, whose task a failed job gave up after its last attempt. */
  Optional<Integer> failedLane(Throwable failure) {
    Matcher found = FAILED_TASK.matcher(String.valueOf(failure.getMessage()));
    return found.find() && Integer.parseInt(found.group(2)) == lanes
        ? Optional.of(Integer.parseInt(found.group(1)))
        : Optional.empty();
  }
}
