package org.uiospark.jobs.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

/** In the words of Spark 4.1. */
class TaskFailureTest {
  private static TaskFailure of(String message) {
    return TaskFailure.of(new IllegalStateException("step 3", new SparkException(message)))
        .orElseThrow();
  }

  @Test
  void theLastOfAllTries() {
    TaskFailure failure =
        of(
            """
            Job aborted due to stage failure: Task 1 in stage 2.0 failed 4 times, most recent failure: \
            Lost task 1.3 in stage 2.0 (TID 9) (10.0.0.7 executor 3): \
            org.uiospark.model.input.NodeFailureException: model /m cannot be used: it is gone
            \tat org.uiospark.jobs.task.TaskModels.open(TaskModels.java:91)
            Driver stacktrace:""");

    assertThat(failure.where())
        .isEqualTo("a task failed every time, last in executor 3 on 10.0.0.7: ");
    assertThat(failure.ofNode()).contains("model /m cannot be used: it is gone");
  }

  @Test
  void theLastBeforeAllExecutorsWereLeftOut() {
    TaskFailure failure =
        of(
            """
            Job aborted due to stage failure:
            Aborting TaskSet 1.0 because task 1 (partition 1)
            cannot run anywhere due to node and executor excludeOnFailure.
            Most recent failure:
            Lost task 1.0 in stage 1.0 (TID 5) (127.0.0.1 executor 0): ExecutorLostFailure (executor \
            0 exited caused by one of the running tasks) Reason: Command exited with code 137

            ExcludeOnFailure behavior can be configured via spark.excludeOnFailure.*.""");

    assertThat(failure.executor()).isEqualTo("0");
    assertThat(failure.ofNode().orElseThrow())
        .startsWith("memory ran out (ExecutorLostFailure (executor 0 ")
        .contains("code 137); raise spark.executor.memory");
  }

  @Test
  void inLocalModeThereIsOnePlaceOnly() {
    TaskFailure failure =
        of(
            "Task 0 in stage 0.0 failed 1 times, most recent failure: Lost task 0.0 in stage 0.0 (TID 0) (host executor driver): java.io.IOException: the mount is lost");

    assertThat(failure.where()).isEmpty();
    assertThat(failure.ofNode()).isEmpty();
    assertThat(failure.reason()).isEqualTo("java.io.IOException: the mount is lost");
  }

  @Test
  void anExecutorThatCrashedIsNoMatterOfMemory() {
    assertThat(
            of("Lost task 1.0 in stage 1.0 (TID 52) (h executor 52): ExecutorLostFailure (executor 52 exited caused by one of the running tasks) Reason: Command exited with code 134")
                .ofNode())
        .isEmpty();
    assertThat(TaskFailure.of(new SparkException("SparkContext was shut down"))).isEmpty();
  }
}
