package org.uiospark.data.source;

import java.io.Serializable;
import org.uiospark.data.source.SourceKind.Content;

/**
 * A part of an input file: all of it, or the lines or groups of rows that begin in {@code [start,
 * end)}.
 *
 * @param firstLine lines of the file before the slice
 */
public record Slice(String path, long start, long end, long firstLine) implements Serializable {
  /** That of its file. There are as many slices as files, so none keeps it. */
  public String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** What its file holds and how it is packed. */
  public SourceKind kind() {
    return SourceKind.of(name()).orElseThrow();
  }

  /** Whether it is cut anywhere and its lines are counted. */
  public boolean lines() {
    return kind().equals(new SourceKind(Content.LINES, Compression.NONE));
  }

  /** Whether it is text of which any byte can be read alone. */
  public boolean plainText() {
    return kind().equals(new SourceKind(Content.TEXT, Compression.NONE));
  }

  /** Whether parts of its file can be read alone. */
  public boolean splittable() {
    return lines() || kind().content().isTable();
  }

  /** Its length. */
  public long bytes() {
    return end - start;
  }

  /** The same with the number of the lines before it. */
  public Slice after(long lines) {
    return new Slice(path, start, end, lines);
  }

  /** The slice from its start to another end. */
  public Slice until(long end) {
    return new Slice(path, start, end, firstLine);
  }
}
