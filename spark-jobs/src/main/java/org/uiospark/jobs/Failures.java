package org.uiospark.jobs;

import java.nio.file.AccessDeniedException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.security.AccessControlException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.jobs.settings.Nearest;
import org.uiospark.model.InvalidInputException;
import org.uiospark.model.memory.NonFiniteException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what went wrong into one line on standard error, or a stack trace in the log. */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  /** The user can mend it. */
  static final int MENDABLE = 2;

  /** Anything else. */
  static final int BROKEN = 1;

  private Failures() {}

  static int mistyped(ParameterException e, String[] args) {
    CommandLine at = e.getCommandLine();
    if (e instanceof UnmatchedArgumentException unmatched) {
      return mendable(at, unknown(at, unmatched.getUnmatched().get(0)));
    }
    return mendable(at, e.getMessage());
  }

  static int failed(Exception e, CommandLine at, ParseResult parsed) {
    // Spark wraps what a task threw, so the cause counts as much as the exception.
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (isMendable(cause)) {
        LOG.debug("The input was refused here", e);
        return mendable(at, message(cause));
      }
    }
    LOG.error("{} failed", at.getCommandName(), e);
    return BROKEN;
  }

  /** What was given cannot be used, diverged, or is out of reach for this user. */
  private static boolean isMendable(Throwable cause) {
    return cause instanceof InvalidInputException
        || cause instanceof NonFiniteException
        || cause instanceof UnsupportedFileSystemException
        || cause instanceof AccessControlException
        || cause instanceof AccessDeniedException;
  }

  private static String message(Throwable cause) {
    // It holds the file alone.
    return cause instanceof AccessDeniedException
        ? cause.getMessage() + ": permission denied"
        : cause.getMessage();
  }

  private static String unknown(CommandLine at, String argument) {
    String help = "see " + at.getCommandSpec().qualifiedName().replaceFirst("^uio", "./submit.sh");
    boolean option = argument.startsWith("-");
    List<String> valid = new ArrayList<>();
    if (option) {
      at.getCommandSpec().options().forEach(each -> valid.addAll(List.of(each.names())));
    } else {
      valid.addAll(at.getSubcommands().keySet());
    }
    if (valid.isEmpty()) {
      return "unexpected argument '%s'; %s --help".formatted(argument, help);
    }
    return "unknown %s '%s'; the nearest is '%s'; %s --help"
        .formatted(option ? "option" : "command", argument, Nearest.to(argument, valid), help);
  }

  private static int mendable(CommandLine at, String message) {
    at.getErr().println("uio: " + message.strip().replaceAll("\\s+", " "));
    at.getErr().flush();
    return MENDABLE;
  }
}
