package org.uiospark.model.memory;

/** A loss or gradient that is infinite or not a number; raised before anything is updated. */
public final class NonFiniteException extends RuntimeException {
  /**
   * @param message names the sequence
   */
  public NonFiniteException(String message) {
    super(message);
  }
}
