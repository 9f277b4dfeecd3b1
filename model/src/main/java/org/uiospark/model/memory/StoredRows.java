package org.uiospark.model.memory;

import java.io.IOException;
import java.io.OutputStream;
import org.uiospark.model.safetensors.FileBytes;

/**
 * Rows that {@link EncodedRows#writeTo(OutputStream)} left in a file of their own.
 *
 * @param layout of them
 * @param rows how many
 * @param file holds them
 */
public record StoredRows(MemoryLayout layout, int rows, FileBytes file) implements MemoryRows {
  @Override
  public void writeTo(int tensor, OutputStream out) throws IOException {
    int length = Math.multiplyExact(rows, layout.rowBytes());
    byte[] bytes = new byte[length];
    file.slice((long) tensor * length, length).get(bytes);
    out.write(bytes);
  }
}
