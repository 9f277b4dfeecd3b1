package org.uiospark.data.settings;

import java.io.Serializable;
import org.uiospark.model.input.InvalidInputException;

/**
 * How the text of a corpus is read.
 *
 * @param fields which fields of a record hold what
 * @param maxReplacedShare share of bytes that are no text above which a file or record is left out
 */
public record TextReading(RecordFields fields, double maxReplacedShare) implements Serializable {
  /** Checks the share. */
  public TextReading {
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
