package org.uiospark.model.input;

/**
 * Something the user can mend: a missing file, a damaged tensor, a setting out of range.
 *
 * <p>The message is one line that says what is wrong, where, and what to do. Commands print it
 * without a stack trace and end with exit status 2.
 */
public class InvalidInputException extends RuntimeException {
  private static final int MAX_LENGTH = 2000;

  /**
   * @param message one line: what, where, what to do
   */
  public InvalidInputException(String message) {
    super(line(message));
  }

  /**
   * @param message one line: what, where, what to do
   * @param cause the error below it, kept for the log
   */
  public InvalidInputException(String message, Throwable cause) {
    super(line(message), cause);
  }

  /** What is quoted comes from files: a name may hold line breaks, or go on for megabytes. */
  static String line(String message) {
    String shown = message;
    if (message.length() > MAX_LENGTH) {
      int half = MAX_LENGTH / 2;
      shown = message.substring(0, half) + " ... " + message.substring(message.length() - half);
    }
    return shown.replaceAll("\\R", " ").replaceAll("\\p{Cntrl}", "?");
  }
}
