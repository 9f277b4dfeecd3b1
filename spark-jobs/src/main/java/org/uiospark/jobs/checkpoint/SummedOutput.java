package org.uiospark.jobs.checkpoint;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import org.uiospark.model.input.Sha256;

/** Counts and sums what is written through it. */
final class SummedOutput extends FilterOutputStream {
  private final MessageDigest digest = Sha256.digest();
  private long bytes;

  SummedOutput(OutputStream file) {
    super(file);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    out.write(from, offset, length);
    digest.update(from, offset, length);
    bytes += length;
  }

  /** Size and sum of the bytes that were written so far. */
  Manifest.Entry entry() {
    return new Manifest.Entry(bytes, Sha256.hex(digest));
  }
}
