package org.uiospark.data.dataset;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.io.output.DeferredFileOutputStream;
import org.uiospark.model.input.Sha256;

/**
 * A stream on its way into a file, with the sums of its blocks behind it, so that a part of it can
 * be told to be what was written. The sums are 1/64 of the stream; what is more of them than 4 MB,
 * those of a file of 256 MB, waits in a temporary file.
 */
final class BlockSums extends OutputStream {
  private static final int HELD = 4 << 20;

  private final OutputStream out;
  private final int held;
  private final MessageDigest digest = Sha256.digest();
  private final List<Level> levels = new ArrayList<>();
  private final Level first;
  private long written;

  /** The sums of one level, in order. */
  private static final class Level implements AutoCloseable {
    private final DeferredFileOutputStream stored;
    private final OutputStream out;

    private Level(int held) throws IOException {
      stored =
          DeferredFileOutputStream.builder()
              .setThreshold(held)
              .setPrefix("block-sums-")
              .setSuffix(".tmp")
              .setDirectory(Path.of(System.getProperty("java.io.tmpdir")))
              .get();
      // A sum is too little for a write to a file.
      out = new BufferedOutputStream(stored);
    }

    private void add(byte[] sum) throws IOException {
      out.write(sum, 0, BlockTree.SUM);
    }

    /** All of them; then none is added any more. */
    private InputStream read() throws IOException {
      out.close();
      return stored.toInputStream();
    }

    private long bytes() {
      return stored.getByteCount();
    }

    @Override
    public void close() throws IOException {
      out.close();
      if (!stored.isInMemory()) {
        Files.deleteIfExists(stored.getPath());
      }
    }
  }

  BlockSums(OutputStream out) throws IOException {
    this(out, HELD);
  }

  /**
   * @param held bytes of the sums of a level that stay in memory
   */
  BlockSums(OutputStream out, int held) throws IOException {
    this.out = out;
    this.held = held;
    this.first = level();
  }

  private Level level() throws IOException {
    Level level = new Level(held);
    levels.add(level);
    return level;
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
        first.add(digest.digest());
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
      first.add(digest.digest());
    }
    byte[] footer = new StreamFooter(written, batches, top()).bytes();
    out.write(footer);
    return Sha256.hex(footer);
  }

  /** Writes the levels below the highest, which it returns. */
  private byte[] top() throws IOException {
    Level level = first;
    while (true) {
      Level above = level();
      try (InputStream sums = level.read()) {
        byte[] block = sums.readNBytes(BlockTree.BLOCK);
        if (level.bytes() <= BlockTree.BLOCK) {
          return block;
        }
        for (; block.length > 0; block = sums.readNBytes(BlockTree.BLOCK)) {
          out.write(block);
          above.add(digest.digest(block));
        }
      }
      level = above;
    }
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  @Override
  public void close() throws IOException {
    try (out) {
      for (Level level : levels) {
        level.close();
      }
    }
  }
}
