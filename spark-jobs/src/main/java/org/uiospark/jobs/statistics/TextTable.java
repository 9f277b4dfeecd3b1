package org.uiospark.jobs.statistics;

import java.util.Locale;

/** A table for people, line by line; numbers look the same in every locale. */
public final class TextTable {
  private final StringBuilder text = new StringBuilder();

  /**
   * Adds a line.
   *
   * @param format of {@link java.util.Formatter}, without the line end
   */
  public void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format + "%n", values));
  }

  /** All lines, with their ends. */
  @Override
  public String toString() {
    return text.toString();
  }
}
