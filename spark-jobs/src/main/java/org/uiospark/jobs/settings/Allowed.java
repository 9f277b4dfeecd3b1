package org.uiospark.jobs.settings;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a setting may be, as the end of its comment in {@code conf/uio.conf} says: a {@link
 * ValueKind}, in the plural for a list, and maybe a word that is allowed in its place.
 *
 * @param words as they stand in the file
 * @param kind of the value, or of each in a list
 * @param count how many values there are
 * @param otherwise what may stand there instead
 */
record Allowed(String words, ValueKind kind, Count count, Otherwise otherwise) {
  private static final Pattern PARTS =
      Pattern.compile(
          "(?<kind>.+?)(?<following>, one after the other)?(, or (?<otherwise>none|auto|a share.*))?");
  private static final Pattern PLURAL =
      Pattern.compile("(whole numbers|numbers|some of|URIs|texts).*");

  /** How many values there are, and how an option takes several. */
  enum Count {
    ONE,
    COMMAS_BETWEEN,
    ONE_AFTER_THE_OTHER
  }

  /** What may stand in place of a value. */
  enum Otherwise {
    NOTHING,
    NONE,
    AUTO,
    SHARE
  }

  /**
   * Reads the words.
   *
   * @throws IllegalArgumentException if they mean nothing
   */
  static Allowed of(String words) {
    Matcher parts = PARTS.matcher(words);
    if (!parts.matches()) {
      throw new IllegalArgumentException("not what a setting may be: " + words);
    }
    Count count = Count.ONE;
    if (PLURAL.matcher(words).matches()) {
      count = parts.group("following") == null ? Count.COMMAS_BETWEEN : Count.ONE_AFTER_THE_OTHER;
    }
    Otherwise otherwise =
        switch (Optional.ofNullable(parts.group("otherwise")).orElse("")) {
          case "" -> Otherwise.NOTHING;
          case "none" -> Otherwise.NONE;
          case "auto" -> Otherwise.AUTO;
          default -> Otherwise.SHARE;
        };
    return new Allowed(words, ValueKind.of(parts.group("kind")), count, otherwise);
  }

  /** The end of a sentence that refuses a value: what is allowed, or the nearest name. */
  String refusal(Object value) {
    if (kind instanceof ValueKind.Name one) {
      return String.format(
          Locale.ROOT,
          "is not known: one of %s; the nearest is %s",
          String.join(", ", one.names()),
          Nearest.to(String.valueOf(value), one.names()));
    }
    int kindEnds = otherwise == Otherwise.NOTHING ? words.length() : words.lastIndexOf(", or ");
    return "is out of range: it must be "
        + (count == Count.ONE ? "a " : "a list of ")
        + words.substring(0, kindEnds)
        + kind.unsaid()
        + words.substring(kindEnds);
  }
}
