package org.uiospark.jobs.task;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  private static final String NODE = NodeFailureException.class.getName() + ": ";

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

  /** The message, where the reason is a {@link NodeFailureException}. */
  public Optional<String> ofNode() {
    return reason.startsWith(NODE)
        ? Optional.of(reason.substring(NODE.length()))
        : Optional.empty();
  }
}
