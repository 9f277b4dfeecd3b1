package org.uiospark.data.source;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * A short text in UTF-8.
 *
 * @param text with U+FFFD for what is malformed, without a byte order mark
 * @param replaced malformed bytes
 */
record Utf8Text(String text, long replaced) {
  static Utf8Text of(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    // One that was in the text already is rare enough to be looked for twice.
    long replaced = text.indexOf('\uFFFD') < 0 ? 0 : malformed(bytes);
    return new Utf8Text(text.startsWith("\uFEFF") ? text.substring(1) : text, replaced);
  }

  private static long malformed(byte[] bytes) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(1 << 10);
    long malformed = 0;
    while (true) {
      CoderResult result = decoder.decode(in, out, true);
      if (result.isUnderflow()) {
        return malformed;
      }
      if (result.isError()) {
        malformed += result.length();
        in.position(in.position() + result.length());
      }
      out.clear();
    }
  }
}
