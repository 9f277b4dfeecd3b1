package org.uiospark.data.settings;

import java.io.Serializable;
import org.uiospark.model.input.InvalidInputException;

/**
 * How the text of a corpus is read.
 *
 * @param textField the field, or column, of a record that holds its text
 * @param maxReplacedShare share of bytes that are no text above which a file or record is left out
 */
public record TextReading(String textField, double maxReplacedShare) implements Serializable {
  /** Checks every value. */
  public TextReading {
    if (textField == null || textField.isBlank()) {
      throw new InvalidInputException(
          "text-field is empty; name the field of the records that holds the text");
    }
    if (!(maxReplacedShare >= 0 && maxReplacedShare <= 1)) {
      throw new InvalidInputException(
          "max-replaced-share " + maxReplacedShare + " is out of range: 0 to 1");
    }
  }

  /** Whether so many bytes of a text are still bearable. */
  public boolean bears(long replaced, long bytes) {
    return replaced <= maxReplacedShare * bytes;
  }
}
