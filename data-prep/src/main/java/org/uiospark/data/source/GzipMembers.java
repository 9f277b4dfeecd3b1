package org.uiospark.data.source;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * All members of a gzip file, one after the other, to its last byte. Java's own reader stops where
 * the next header is damaged, or where the stream says that nothing is available, and calls that
 * the end.
 */
final class GzipMembers extends InputStream {
  private final BufferedInputStream in;
  private InputStream member;

  GzipMembers(InputStream packed) throws IOException {
    in = new BufferedInputStream(packed, 1 << 16);
    member = new GzipCompressorInputStream(in);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    while (member != null) {
      int count = member.read(into, offset, length);
      if (count >= 0) {
        return count;
      }
      member = hasNext() ? new GzipCompressorInputStream(in) : null;
    }
    return -1;
  }

  /** Tapes and block devices pad a file with zeros; anything else is a member. */
  private boolean hasNext() throws IOException {
    in.mark(1);
    int first = in.read();
    if (first > 0) {
      in.reset();
      return true;
    }
    for (int padding = first; padding >= 0; padding = in.read()) {
      if (padding != 0) {
        throw new IOException("what follows the zeros at its end is lost");
      }
    }
    return false;
  }

  @Override
  public void close() throws IOException {
    // Closes the file too.
    (member == null ? in : member).close();
  }
}
