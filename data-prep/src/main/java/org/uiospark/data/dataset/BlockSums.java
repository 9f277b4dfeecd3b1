package org.uiospark.data.dataset;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.List;
import org.uiospark.model.input.Sha256;

/**
 * A stream on its way into a file, with the sums of its blocks behind it, so that a part of it can
 * be told to be what was written. In memory are the sums: 1/64 of the stream.
 */
final class BlockSums extends OutputStream {
  private final OutputStream out;
  private final MessageDigest digest = Sha256.digest();
  private final ByteArrayOutputStream sums = new ByteArrayOutputStream();
  private long written;

  BlockSums(OutputStream out) {
    this.out = out;
  }

  /** Bytes of the stream so far. */
  long written() {
    return written;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    out.write(bytes, from, length);
    for (int at = from; at < from + length; ) {
      int inBlock = (int) (written % BlockTree.BLOCK);
      int part = Math.min(from + length - at, BlockTree.BLOCK - inBlock);
      digest.update(bytes, at, part);
      at += part;
      written += part;
      if (inBlock + part == BlockTree.BLOCK) {
        sums.write(digest.digest(), 0, BlockTree.SUM);
      }
    }
  }

  /**
   * Writes the sums and the footer behind the stream.
   *
   * @param batches the record batches of the stream
   * @return the SHA-256 of the footer
   */
  String finish(List<StreamFooter.BatchStart> batches) throws IOException {
    if (written % BlockTree.BLOCK > 0) {
      sums.write(digest.digest(), 0, BlockTree.SUM);
    }
    byte[] level = sums.toByteArray();
    while (level.length > BlockTree.BLOCK) {
      out.write(level);
      ByteArrayOutputStream next = new ByteArrayOutputStream();
      for (int at = 0; at < level.length; at += BlockTree.BLOCK) {
        digest.update(level, at, Math.min(BlockTree.BLOCK, level.length - at));
        next.write(digest.digest(), 0, BlockTree.SUM);
      }
      level = next.toByteArray();
    }
    byte[] footer = new StreamFooter(written, batches, level).bytes();
    out.write(footer);
    return Sha256.hex(footer);
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
