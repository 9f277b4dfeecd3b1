package org.uiospark.data.source.json;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * The values of a {@code .json} file: the elements of its list, or values one after the other. A
 * value is found by its brackets and quotes alone, so a malformed one costs no other.
 */
public final class JsonValues implements JsonBytes {
  private static final int LOOK_AHEAD = 1 << 16;

  private final InputStream in;
  private final int maxBytes;
  private final byte[] buffer = new byte[1 << 16];
  private int at;
  private int held;
  private boolean inList;
  private boolean tooLong;

  private JsonValues(InputStream in, int maxBytes) {
    this.in = in;
    this.maxBytes = maxBytes;
  }

  /**
   * The records of a file: a list where it begins as one, else lines, unless a value goes on over
   * the end of the first line.
   *
   * @param maxBytes longer ones are passed over
   */
  public static JsonBytes of(InputStream file, int maxBytes) throws IOException {
    BufferedInputStream in = new BufferedInputStream(file, LOOK_AHEAD);
    in.mark(LOOK_AHEAD);
    byte[] head = in.readNBytes(LOOK_AHEAD);
    in.reset();
    return isLines(head) ? new LineStream(in, 0, maxBytes) : new JsonValues(in, maxBytes);
  }

  private static boolean isLines(byte[] head) {
    int last = 0;
    for (byte each : head) {
      if (each == '\n' && last != 0) {
        return "{[,:".indexOf(last) < 0;
      }
      if (each > ' ') {
        if (last == 0 && each == '[') {
          return false;
        }
        last = each;
      }
    }
    return true;
  }

  @Override
  public boolean tooLong() {
    return tooLong;
  }

  @Override
  public byte[] next() throws IOException {
    tooLong = false;
    while (at < held || fill()) {
      byte first = buffer[at];
      if (first == '[' && !inList) {
        inList = true;
        at++;
      } else if (first == ']' && inList) {
        inList = false;
        at++;
      } else if (isBetween(first)) {
        at++;
      } else {
        return value();
      }
    }
    // A list without its end was cut: it counts as a malformed value.
    boolean cut = inList;
    inList = false;
    return cut ? "[".getBytes(StandardCharsets.US_ASCII) : null;
  }

  /** White space, commas, and the bytes of a byte order mark. */
  private static boolean isBetween(byte each) {
    return each >= 0 && each <= ' '
        || each == ','
        || each == (byte) 0xef
        || each == (byte) 0xbb
        || each == (byte) 0xbf;
  }

  private byte[] value() throws IOException {
    ByteArrayOutputStream value = new ByteArrayOutputStream();
    int depth = 0;
    boolean quoted = false;
    boolean escaped = false;
    boolean begun = false;
    boolean ended = false;
    while (!ended && (at < held || fill())) {
      int end = at;
      while (!ended && end < held) {
        byte each = buffer[end];
        if (escaped) {
          escaped = false;
        } else if (quoted) {
          escaped = each == '\\';
          quoted = each != '"';
          ended = !quoted && depth == 0;
        } else if (each == '"') {
          quoted = true;
        } else if (each == '{' || each == '[') {
          depth++;
        } else if (begun && depth == 0 && (isBetween(each) || each == ']')) {
          // This byte is not part of the value.
          ended = true;
          break;
        } else if (each == '}' || each == ']') {
          depth--;
          ended = depth <= 0;
        }
        begun = true;
        end++;
      }
      append(value, end);
    }
    return tooLong ? new byte[0] : value.toByteArray();
  }

  private void append(ByteArrayOutputStream value, int end) {
    if (tooLong || value.size() + (end - at) > maxBytes) {
      tooLong = true;
      value.reset();
    } else {
      value.write(buffer, at, end - at);
    }
    at = end;
  }

  private boolean fill() throws IOException {
    at = 0;
    held = Math.max(0, in.read(buffer));
    return held > 0;
  }
}
