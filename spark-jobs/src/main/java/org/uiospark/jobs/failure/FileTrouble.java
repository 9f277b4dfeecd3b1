package org.uiospark.jobs.failure;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkException;
import org.uiospark.jobs.task.TaskFailure;

/** Trouble with files that the user can mend, by what the file system says, and how. */
public enum FileTrouble {
  FULL(
      "free space there or name another place",
      "No space left on device",
      "Disk quota exceeded",
      "quota of"),
  READ_ONLY("name a place that can be written", "Read-only file system"),
  DENIED("change its permissions or name another place", "ermission denied", "not permitted"),
  IN_THE_WAY("move it elsewhere or name another place", "Not a directory", "Is a directory"),
  TOO_LONG("name a shorter one", "File name too long"),
  /** In the words of a system that speaks another language, say. */
  OTHER("mend that place or name another");

  private final String advice;
  private final List<String> words;

  FileTrouble(String advice, String... words) {
    this.advice = advice;
    this.words = List.of(words);
  }

  /**
   * The line for the user: what could not be done, why, and what to do.
   *
   * @return empty if a failure is none of files, or of files that only Spark's next try can mend
   */
  public static Optional<String> line(Throwable failure) {
    List<Throwable> chain = new ArrayList<>();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      chain.add(cause);
    }
    boolean ofTask = chain.stream().anyMatch(SparkException.class::isInstance);
    return chain.stream()
        .filter(IOException.class::isInstance)
        .map(IOException.class::cast)
        .filter(e -> isMendable(e, ofTask))
        .findFirst()
        .map(e -> context(chain, failure, ofTask) + reason(e) + "; " + of(reason(e)).advice)
        .or(() -> TaskFailure.of(failure).flatMap(FileTrouble::line));
  }

  /** Where every executor was excluded, Spark tells of the last failure in words alone. */
  private static Optional<String> line(TaskFailure task) {
    String reason = task.reason();
    return of(reason) == OTHER
        ? Optional.empty()
        : Optional.of(task.where() + reason + "; " + of(reason).advice);
  }

  /** A task was tried again elsewhere: what every try says is no matter of one node. */
  private static boolean isMendable(IOException e, boolean ofTask) {
    return of(reason(e)) != OTHER
        || (!ofTask && (e instanceof FileSystemException || e instanceof FileNotFoundException));
  }

  private static FileTrouble of(String said) {
    for (FileTrouble trouble : values()) {
      if (trouble.words.stream().anyMatch(said::contains)) {
        return trouble;
      }
    }
    return OTHER;
  }

  /** What was to be done, where the code that did it says so. */
  private static String context(List<Throwable> chain, Throwable failure, boolean ofTask) {
    String told =
        ofTask
            ? TaskFailure.of(failure).map(TaskFailure::where).orElse("a task failed every time: ")
            : "";
    for (Throwable each : chain) {
      if (each instanceof UncheckedIOException && !isOfCause(each)) {
        told = each.getMessage() + ": ";
      }
    }
    return told;
  }

  private static boolean isOfCause(Throwable each) {
    return each.getMessage() == null || each.getMessage().equals(each.getCause().toString());
  }

  /** Java's message of some of them is the file alone. */
  private static String reason(IOException e) {
    if (e instanceof FileSystemException file && file.getReason() == null) {
      return file.getFile()
          + (file instanceof NoSuchFileException
              ? " does not exist"
              : file instanceof FileAlreadyExistsException ? " is in the way" : " cannot be used");
    }
    return String.valueOf(e.getMessage());
  }
}
