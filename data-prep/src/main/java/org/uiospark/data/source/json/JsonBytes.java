package org.uiospark.data.source.json;

import java.io.IOException;

/** Pieces of a byte stream, each the JSON of one record, each bounded. */
public interface JsonBytes {
  /** The next piece, or null after the last. */
  byte[] next() throws IOException;

  /** Whether the piece returned last was over the bound, and so is empty. */
  boolean tooLong();
}
