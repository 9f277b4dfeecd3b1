package org.uiospark.data.source;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Closeable;
import java.io.IOException;

/** Rows of a table, as the JSON that it has in a {@code .jsonl} file. */
interface TableRows extends Closeable {
  /** The next row, or null after the last. */
  JsonNode next() throws IOException;

  /** The number of the last row in its file, from 1. */
  long number();

  /** Bytes of the texts of the last row. */
  long textBytes();

  /** Malformed bytes among them. */
  long replaced();
}
