package org.uiospark.data;

import java.io.Serializable;

/**
 * A part of an input file: all of it, or the lines that begin in {@code [start, end)}.
 *
 * @param firstLine lines of the file before the slice
 */
record Slice(String path, String name, long start, long end, long firstLine)
    implements Serializable {
  boolean lines() {
    return name.endsWith(".jsonl") || name.endsWith(".jsonl.gz");
  }

  boolean compressed() {
    return name.endsWith(".gz");
  }

  boolean splittable() {
    return name.endsWith(".jsonl");
  }

  long bytes() {
    return end - start;
  }

  Slice after(long lines) {
    return new Slice(path, name, start, end, lines);
  }
}
