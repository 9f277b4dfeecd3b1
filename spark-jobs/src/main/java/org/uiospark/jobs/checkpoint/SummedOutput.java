package org.uiospark.jobs.checkpoint;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.uiospark.data.AtomicWrite;
import org.uiospark.model.input.Sha256;

/** Counts and sums what is written through it. */
final class SummedOutput extends FilterOutputStream {
  private final FSDataOutputStream file;
  private final MessageDigest digest = Sha256.digest();
  private long bytes;

  SummedOutput(FSDataOutputStream file) {
    super(file);
    this.file = file;
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
    return new Manifest.Entry(bytes, Sha256.hex(digest));
  }
}
