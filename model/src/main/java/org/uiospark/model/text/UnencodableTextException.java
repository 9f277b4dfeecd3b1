package org.uiospark.model.text;

import org.uiospark.model.input.InvalidInputException;

/** One text cannot be encoded; what is wrong is the text, so others go on. */
public final class UnencodableTextException extends InvalidInputException {
  private static final long serialVersionUID = 1;

  private final String reason;

  /**
   * @param where the text
   * @param reason why, without where
   */
  UnencodableTextException(String where, String reason, Throwable cause) {
    super(where + ": " + reason, cause);
    this.reason = reason;
  }

  /** Why, without saying which text it is. */
  public String reason() {
    return reason;
  }
}
