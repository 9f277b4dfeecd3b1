package org.uiospark.jobs.checkpoint;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.uiospark.data.AtomicWrite;

/** Counts and sums what is written through it. */
final class SummedOutput extends FilterOutputStream {
  private final FSDataOutputStream file;
  private final MessageDigest digest = sha256();
  private long bytes;

  SummedOutput(FSDataOutputStream file) {
    super(file);
    this.file = file;
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    file.write(from, offset, length);
    digest.update(from, offset, length);
    bytes += length;
  }

  /** Brings the file to the disk and tells what was written. */
  Manifest.Entry finish() throws IOException {
    AtomicWrite.sync(file);
    return new Manifest.Entry(bytes, HexFormat.of().formatHex(digest.digest()));
  }
}
