package org.uiospark.model.memory;

import java.io.IOException;
import java.io.OutputStream;

/** Rows on their way into a file. */
public interface MemoryRows {
  /** How many they are. */
  int rows();

  /**
   * Writes the rows of one tensor, {@code [rows, G, d]}.
   *
   * @param tensor of {@link MemoryLayout}
   */
  void writeTo(int tensor, OutputStream out) throws IOException;
}
