package org.uiospark.model;

/**
 * Something the user can mend: a missing file, a damaged tensor, a setting out of range.
 *
 * <p>The message is one line that says what is wrong, where, and what to do. Commands print it
 * without a stack trace and end with exit status 2.
 */
public final class InvalidInputException extends RuntimeException {
  /**
   * @param message one line: what, where, what to do
   */
  public InvalidInputException(String message) {
    super(message);
  }

  /**
   * @param message one line: what, where, what to do
   * @param cause the error below it, kept for the log
   */
  public InvalidInputException(String message, Throwable cause) {
    super(message, cause);
  }
}
