package org.uiospark.model.input;

/**
 * Something that belongs to the machine it happened on: a lost mount, a disk that is full or cannot
 * be read, files that are not those of the other machines, memory that ran out.
 *
 * <p>Another machine may do the same work, so who runs it on many gives it to another. What every
 * machine would see is an {@link InvalidInputException} and ends the work at once. The message is
 * one line that says what is wrong, where, and what to do.
 */
public class NodeFailureException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line: what, where, what to do
   * @param cause the error below it, kept for the log
   */
  public NodeFailureException(String message, Throwable cause) {
    super(InvalidInputException.line(message), cause);
  }
}
