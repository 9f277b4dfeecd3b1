package org.uiospark.data;

import java.io.Serializable;
import org.uiospark.data.SourceKind.Content;

/**
 * A part of an input file: all of it, or the lines or groups of rows that begin in {@code [start,
 * end)}.
 *
 * @param firstLine lines of the file before the slice
 */
record Slice(String path, String name, long start, long end, long firstLine)
    implements Serializable {
  SourceKind kind() {
    return SourceKind.of(name).orElseThrow();
  }

  /** Whether it is cut anywhere and its lines are counted. */
  boolean lines() {
    return kind().equals(new SourceKind(Content.LINES, Compression.NONE));
  }

  boolean splittable() {
    return lines() || kind().content() == Content.PARQUET;
  }

  long bytes() {
    return end - start;
  }

  Slice after(long lines) {
    return new Slice(path, name, start, end, lines);
  }

  /** From its start to that of another end. */
  Slice until(long end) {
    return new Slice(path, name, start, end, firstLine);
  }
}
