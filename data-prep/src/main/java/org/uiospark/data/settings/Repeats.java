package org.uiospark.data.settings;

import java.io.Serializable;
import org.uiospark.model.input.InvalidInputException;

/**
 * What becomes of documents that say what others said before.
 *
 * @param duplicates those with equal texts
 * @param near Jaccard similarity of runs of five words from which on a text is left out too; 0 to
 *     look for none
 */
public record Repeats(Duplicates duplicates, double near) implements Serializable {
  /** Every document stays. */
  public static final Repeats KEPT = new Repeats(Duplicates.KEEP, 0);

  /** The first of equal texts stays. */
  public static final Repeats DROPPED = new Repeats(Duplicates.DROP, 0);

  private static final double LEAST = 0.5;

  /** Checks both. */
  public Repeats {
    if (near != 0 && !(near >= LEAST && near <= 1)) {
      throw new InvalidInputException(
          "near-duplicates " + near + " is out of range: 0.5 to 1, or 0 to look for none");
    }
    if (near != 0 && duplicates == Duplicates.KEEP) {
      throw new InvalidInputException(
          "near-duplicates goes with duplicates drop: equal texts are the nearest");
    }
  }

  /** Whether texts that are not equal are compared. */
  public boolean comparesTexts() {
    return near > 0;
  }
}
