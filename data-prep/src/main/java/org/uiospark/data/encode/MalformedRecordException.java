package org.uiospark.data.encode;

/** A line of JSONL that cannot become an example; the others go on. */
public final class MalformedRecordException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param message why
   */
  MalformedRecordException(String message) {
    super(message);
  }
}
