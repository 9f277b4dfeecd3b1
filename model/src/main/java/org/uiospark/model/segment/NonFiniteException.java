package org.uiospark.model.segment;

/** A loss, gradient or logit that is infinite or not a number; raised before it is used. */
public final class NonFiniteException extends RuntimeException {
  /**
   * @param message names what it comes from
   */
  public NonFiniteException(String message) {
    super(message);
  }
}
