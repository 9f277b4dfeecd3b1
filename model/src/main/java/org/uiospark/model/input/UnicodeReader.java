package org.uiospark.model.input;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * The characters of a text that others wrote. It is UTF-8, or what a byte order mark says: UTF-16
 * or UTF-32, of either order. The mark is no part of the text.
 *
 * <p>What is malformed becomes U+FFFD, as in most readers, and is counted.
 */
public final class UnicodeReader extends Reader {
  private static final char MARK = '\uFEFF';
  private static final char REPLACEMENT = '\uFFFD';
  private static final int LONGEST_MARK = 4;

  private final InputStream in;
  private final ByteBuffer bytes = ByteBuffer.allocate(1 << 13).flip();
  private final CharBuffer chars = CharBuffer.allocate(1 << 13).flip();
  private final CharsetDecoder decoder;
  private boolean ended;
  private boolean begun;
  private long taken;
  private long replaced;
  private long nulls;

  /**
   * @param in closed with the reader; its first bytes are read at once
   */
  public UnicodeReader(InputStream in) throws IOException {
    this.in = in;
    while (!ended && bytes.remaining() < LONGEST_MARK) {
      fill();
    }
    this.decoder = charset(bytes).newDecoder();
  }

  /** The encoding of a text that begins with these bytes, which stay unread. */
  public static Charset charset(ByteBuffer head) {
    // The longer marks first: that of UTF-32LE begins as that of UTF-16LE does.
    if (begins(head, 0xff, 0xfe, 0, 0)) {
      return Charset.forName("UTF-32LE");
    }
    if (begins(head, 0, 0, 0xfe, 0xff)) {
      return Charset.forName("UTF-32BE");
    }
    if (begins(head, 0xff, 0xfe)) {
      return StandardCharsets.UTF_16LE;
    }
    return begins(head, 0xfe, 0xff) ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_8;
  }

  private static boolean begins(ByteBuffer head, int... mark) {
    if (head.remaining() < mark.length) {
      return false;
    }
    for (int i = 0; i < mark.length; i++) {
      if ((head.get(head.position() + i) & 0xff) != mark[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * A whole text of which nothing may be lost.
   *
   * @param bytes the position moves to the end
   * @throws CharacterCodingException if a byte is malformed
   */
  public static String strict(ByteBuffer bytes) throws CharacterCodingException {
    String text = charset(bytes).newDecoder().decode(bytes).toString();
    return text.isEmpty() || text.charAt(0) != MARK ? text : text.substring(1);
  }

  /** Bytes that came so far, with those not yet given out. */
  public long bytes() {
    return taken;
  }

  /** Malformed bytes so far. */
  public long replaced() {
    return replaced;
  }

  /** NUL characters so far: no text has them, UTF-16 that is read as UTF-8 is full of them. */
  public long nulls() {
    return nulls;
  }

  @Override
  public int read(char[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!chars.hasRemaining() && !decode()) {
      return -1;
    }
    int count = Math.min(length, chars.remaining());
    chars.get(into, offset, count);
    for (int i = offset; i < offset + count; i++) {
      nulls += into[i] == 0 ? 1 : 0;
    }
    return count;
  }

  /** Fills the characters; false at the end of the text. */
  private boolean decode() throws IOException {
    chars.clear();
    while (chars.position() == 0) {
      CoderResult result = decoder.decode(bytes, chars, ended);
      if (result.isError()) {
        chars.put(REPLACEMENT);
        replaced += result.length();
        bytes.position(bytes.position() + result.length());
      } else if (result.isUnderflow() && chars.position() == 0) {
        if (ended) {
          chars.flip();
          return false;
        }
        fill();
      }
      if (!begun && chars.position() > 0) {
        begun = true;
        dropMark();
      }
    }
    chars.flip();
    return true;
  }

  private void dropMark() {
    if (chars.get(0) == MARK) {
      int kept = chars.position() - 1;
      System.arraycopy(chars.array(), 1, chars.array(), 0, kept);
      chars.position(kept);
    }
  }

  private void fill() throws IOException {
    bytes.compact();
    int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
    if (count < 0) {
      ended = true;
    } else {
      bytes.position(bytes.position() + count);
      taken += count;
    }
    bytes.flip();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
