package org.uiospark.jobs.task;

import org.apache.spark.SparkEnv;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.NodeFailureException;

/** What goes wrong on the machine of a task, and whether another machine could do better. */
final class ThisMachine {
  private ThisMachine() {}

  /**
   * A failure of this machine: Spark runs the task on another. In local mode there is no other, so
   * there it is the user's to mend, at once and without Spark's stack traces.
   */
  static RuntimeException failure(String message, Throwable cause) {
    return isDriver()
        ? new InvalidInputException(message, cause)
        : new NodeFailureException(message, cause);
  }

  /** Whether this is the process of the driver, in which tasks run in local mode. */
  static boolean isDriver() {
    SparkEnv env = SparkEnv.get();
    return env == null || "driver".equals(env.executorId());
  }
}
