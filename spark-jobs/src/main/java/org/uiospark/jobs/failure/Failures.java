package org.uiospark.jobs.failure;

import java.nio.file.AccessDeniedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.fs.s3a.UnknownStoreException;
import org.apache.hadoop.security.AccessControlException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.jobs.settings.Nearest;
import org.uiospark.jobs.settings.S3Login;
import org.uiospark.jobs.task.TaskFailure;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.NodeFailureException;
import org.uiospark.model.segment.NonFiniteException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what went wrong into one line on standard error, or a stack trace in the log. */
public final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  /** The user can mend it. */
  private static final int MENDABLE = 2;

  /** Anything else. */
  private static final int BROKEN = 1;

  private Failures() {}

  /** What was typed cannot be a command: one line; returns the exit status. */
  public static int mistyped(ParameterException e, String[] args) {
    CommandLine at = e.getCommandLine();
    if (e instanceof UnmatchedArgumentException unmatched) {
      return mendable(at, unknown(at, unmatched.getUnmatched().get(0)));
    }
    return mendable(at, e.getMessage());
  }

  /** A command failed: one line if the user can mend it, else the log; returns the exit status. */
  public static int failed(Exception e, CommandLine at, ParseResult parsed) {
    Optional<TaskFailure> task = TaskFailure.of(e);
    Optional<String> ofNode = task.flatMap(TaskFailure::ofNode);
    if (ofNode.isPresent()) {
      LOG.debug("No machine could do this", e);
      return mendable(at, task.get().where() + ofNode.get());
    }
    // Spark wraps what a task threw, so the cause counts as much as the exception.
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (isMendable(cause)) {
        LOG.debug("The input was refused here", e);
        return mendable(at, message(cause));
      }
    }
    Optional<String> files = FileTrouble.line(e);
    if (files.isPresent()) {
      LOG.debug("A file system refused this", e);
      return mendable(at, files.get());
    }
    LOG.error("{} failed", at.getCommandName(), e);
    return BROKEN;
  }

  /** What was given cannot be used, diverged, or is out of reach for this user. */
  private static boolean isMendable(Throwable cause) {
    return cause instanceof InvalidInputException
        || cause instanceof NodeFailureException
        || cause instanceof NonFiniteException
        || cause instanceof UnsupportedFileSystemException
        || cause instanceof UnknownStoreException
        || cause instanceof AccessControlException
        || cause instanceof AccessDeniedException;
  }

  private static String message(Throwable cause) {
    if (cause instanceof UnknownStoreException unknown) {
      return unknown.getPath() + ": there is no such bucket; check its name and fs.s3a.endpoint";
    }
    if (cause instanceof AccessDeniedException denied) {
      // Its message is the file alone, or what S3 and its client say in many lines.
      return denied.getCause() == null
          ? denied.getFile() + ": permission denied"
          : denied.getFile()
              + ": access denied; give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or another fs.s3a.aws.credentials.provider, and check what the bucket allows them";
    }
    return cause.getMessage();
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
      return String.format(Locale.ROOT, "unexpected argument '%s'; %s --help", argument, help);
    }
    return String.format(
        Locale.ROOT,
        "unknown %s '%s'; the nearest is '%s'; %s --help",
        option ? "option" : "command",
        argument,
        Nearest.to(argument, valid),
        help);
  }

  private static int mendable(CommandLine at, String message) {
    // A URI with a login may stand where no URI belongs.
    String line = S3Login.hidden(message.strip()).replaceAll("\\s+", " ");
    at.getErr().println("uio: " + line);
    at.getErr().flush();
    return MENDABLE;
  }
}
