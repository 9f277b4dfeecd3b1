package org.uiospark.data.source.json;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** Lines of a byte stream, each bounded, with the position where it begins. */
public final class LineStream implements JsonBytes {
  private static final int MOST = 1 << 16;

  private final InputStream in;
  private final int maxBytes;
  private byte[] buffer = new byte[1 << 12];
  private int at;
  private int held;
  private long position;
  private boolean tooLong;

  /**
   * @param position of the stream in its file
   * @param maxBytes longer lines are passed over and reported by {@link #tooLong()}
   */
  public LineStream(InputStream in, long position, int maxBytes) {
    this.in = in;
    this.position = position;
    this.maxBytes = maxBytes;
  }

  /** Position of the next line. */
  public long position() {
    return position;
  }

  @Override
  public boolean tooLong() {
    return tooLong;
  }

  /** The next line without its end, or null after the last. */
  @Override
  public byte[] next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    tooLong = false;
    boolean any = false;
    while (at < held || fill()) {
      any = true;
      int end = at;
      while (end < held && buffer[end] != '\n') {
        end++;
      }
      if (tooLong || line.size() + (end - at) > maxBytes) {
        tooLong = true;
        line = new ByteArrayOutputStream();
      } else {
        line.write(buffer, at, end - at);
      }
      boolean ended = end < held;
      int next = ended ? end + 1 : end;
      position += next - at;
      at = next;
      if (ended) {
        break;
      }
    }
    return any ? line.toByteArray() : null;
  }

  private boolean fill() throws IOException {
    // Many a file is shorter than one buffer that pays for long ones.
    if (held == buffer.length && held < MOST) {
      buffer = new byte[MOST];
    }
    at = 0;
    held = Math.max(0, in.read(buffer));
    return held > 0;
  }
}
