package org.uiospark.model.memory;

import java.io.IOException;
import java.io.OutputStream;

/** Rows as a bank gave them, {@code [G, rows, d]} for each tensor, one after the other. */
public final class EncodedRows implements MemoryRows {
  private final MemoryLayout layout;
  private final byte[] bank;
  private final int rows;

  /**
   * @param bank as {@link org.uiospark.model.kernel.MemoryBank#bytes} gave it; not copied
   */
  public EncodedRows(MemoryLayout layout, byte[] bank) {
    this.layout = layout;
    this.bank = bank;
    this.rows = bank.length / layout.tensors() / layout.rowBytes();
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public void writeTo(int tensor, OutputStream out) throws IOException {
    int head = layout.headBytes();
    byte[] turned = new byte[rows * layout.rowBytes()];
    for (int g = 0; g < layout.heads(); g++) {
      int from = tensor * turned.length + g * rows * head;
      for (int row = 0; row < rows; row++) {
        System.arraycopy(bank, from + row * head, turned, row * layout.rowBytes() + g * head, head);
      }
    }
    out.write(turned);
  }

  /** Writes all tensors one after the other, as {@link StoredRows} reads them. */
  public void writeTo(OutputStream out) throws IOException {
    for (int tensor = 0; tensor < layout.tensors(); tensor++) {
      writeTo(tensor, out);
    }
  }
}
