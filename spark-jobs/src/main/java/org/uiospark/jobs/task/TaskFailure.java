package org.uiospark.jobs.task;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.NodeFailureException;

/**
 * Why Spark gave a task up, read from what it says of the last attempt: where every executor was
 * excluded, it throws no cause.
 *
 * @param host where the attempt ran
 * @param executor id of its executor
 * @param reason first line of what it threw, with the class
 */
public record TaskFailure(String host, String executor, String reason) {
  private static final Pattern LAST =
      Pattern.compile(
          "Lost task \\S+ in stage \\S+ \\(TID \\S+\\) \\((\\S+) executor (\\S+)\\): (.*)");

  /** Exceptions whose message is a line for the user. */
  private static final Pattern SAID =
      Pattern.compile(
          String.format(
              Locale.ROOT,
              "(?:%s|%s): (.*)",
              Pattern.quote(NodeFailureException.class.getName()),
              Pattern.quote(InvalidInputException.class.getName())));

  /** The JVM's own memory, Spark's exit code for it, and that of a process killed by the system. */
  private static final Pattern MEMORY =
      Pattern.compile(
          "java\\.lang\\.OutOfMemoryError|ExecutorLostFailure.*(?:code|status:?) (?:52|137)\\b");

  /** The last attempt that a failure tells of, empty where it tells of none. */
  public static Optional<TaskFailure> of(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      Matcher found = LAST.matcher(String.valueOf(each.getMessage()));
      if (found.find()) {
        return Optional.of(new TaskFailure(found.group(1), found.group(2), found.group(3)));
      }
    }
    return Optional.empty();
  }

  /** Beginning of a line for the user; empty in local mode, where there is one place only. */
  public String where() {
    return executor.equals("driver")
        ? ""
        : String.format(
            Locale.ROOT, "a task failed every time, last in executor %s on %s: ", executor, host);
  }

  /** What belongs to the machine and what to do, where the reason tells. */
  public Optional<String> ofNode() {
    Matcher said = SAID.matcher(reason);
    if (said.matches()) {
      return Optional.of(said.group(1));
    }
    return MEMORY.matcher(reason).find()
        ? Optional.of(
            String.format(
                Locale.ROOT,
                "memory ran out (%s); raise spark.executor.memory for the heap or spark.executor.memoryOverhead for tensors, or have fewer tasks share it",
                reason))
        : Optional.empty();
  }
}
