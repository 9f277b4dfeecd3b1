package org.uiospark.data.source;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an input file holds and how it is packed, by the ending of its name. */
public record SourceKind(Content content, Compression compression) {
  /** The endings, for messages. */
  public static final String ENDINGS =
      ".txt, .jsonl or .json, each also .gz, .bz2 or .zst, or .parquet or .arrow";

  private static final Pattern ENDING = Pattern.compile("\\.[a-z][a-z0-9]{0,9}$");

  /** What lies in a file. */
  public enum Content {
    /** One document. */
    TEXT(".txt"),
    /** A record a line. */
    LINES(".jsonl"),
    /** A list of records, or records one after the other. */
    JSON(".json"),
    /** A record a row. */
    PARQUET(".parquet"),
    /** A record a row, as {@code datasets} saves them. */
    ARROW(".arrow");

    private final String ending;

    Content(String ending) {
      this.ending = ending;
    }

    /** Whether it has columns. */
    public boolean isTable() {
      return this == PARQUET || this == ARROW;
    }
  }

  /** The kind of a file, by its name in any case; empty if prep does not read it. */
  public static Optional<SourceKind> of(String name) {
    String small = name.toLowerCase(Locale.ROOT);
    Compression compression = Compression.of(small);
    String inner = small.substring(0, small.length() - compression.ending().length());
    for (Content content : Content.values()) {
      // Tables pack their columns themselves.
      boolean known = !content.isTable() || compression == Compression.NONE;
      if (known && inner.endsWith(content.ending)) {
        return Optional.of(new SourceKind(content, compression));
      }
    }
    return Optional.empty();
  }

  /** The ending of a file that is not read, as {@code .csv.gz}. */
  public static String ending(String name) {
    String small = name.toLowerCase(Locale.ROOT);
    String packed = Compression.of(small).ending();
    Matcher ending = ENDING.matcher(small.substring(0, small.length() - packed.length()));
    String found = (ending.find() ? ending.group() : "") + packed;
    return found.isEmpty() ? "no ending" : found;
  }
}
