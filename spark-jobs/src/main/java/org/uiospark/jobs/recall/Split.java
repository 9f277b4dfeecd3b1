package org.uiospark.jobs.recall;

import java.util.Locale;

/**
 * Whose names, wordings and numbers a case has: those to train with, or those of the test, which
 * training never sees.
 */
public enum Split {
  /** To train with. */
  TRAIN,
  /** What evaluation asks. */
  TEST;

  /** The split of a name as settings write it. */
  static Split named(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** Its name as settings write it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
