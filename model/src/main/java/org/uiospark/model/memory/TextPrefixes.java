package org.uiospark.model.memory;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.uiospark.model.input.Sha256;

/**
 * What tells texts apart that begin alike: of each whole segment the SHA-256 of all tokens up to
 * its end, as little-endian int32. Two texts share as many segments as these agree.
 */
public final class TextPrefixes {
  /** Bytes of each. */
  static final int SIZE = 32;

  private final int segmentLength;
  private final MessageDigest digest = Sha256.digest();
  private final ByteArrayOutputStream digests = new ByteArrayOutputStream();
  private final int[] open;
  private int held;
  private long tokens;

  /** Those of a text whose tokens come one after the other. */
  public TextPrefixes(int segmentLength) {
    this.segmentLength = segmentLength;
    this.open = new int[segmentLength];
  }

  /** Takes the next tokens of the text, from {@code from} to before {@code to}. */
  public void add(int[] ids, int from, int to) {
    for (int i = from; i < to; i++) {
      open[held++] = ids[i];
      if (held == segmentLength) {
        close();
      }
    }
    tokens += to - from;
  }

  private void close() {
    ByteBuffer bytes =
        ByteBuffer.allocate(segmentLength * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(open);
    digest.update(bytes);
    try {
      digests.writeBytes(((MessageDigest) digest.clone()).digest());
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("Java's own SHA-256 can be cloned", e);
    }
    held = 0;
  }

  /** Tokens so far. */
  public long tokens() {
    return tokens;
  }

  /** Whole segments so far. */
  public int segments() {
    return digests.size() / SIZE;
  }

  /** Those of all whole segments, 32 bytes each. */
  public byte[] digests() {
    return digests.toByteArray();
  }

  /** That of the first segment, in hexadecimal digits; empty if there is none. */
  public String first() {
    return segments() == 0
        ? ""
        : HexFormat.of().formatHex(Arrays.copyOf(digests.toByteArray(), SIZE));
  }

  /** Tokens behind the last whole segment. */
  public int[] rest() {
    return Arrays.copyOf(open, held);
  }

  /** How many segments two texts share, by the digests of each. */
  public static int shared(byte[] one, byte[] other) {
    int segments = Math.min(one.length, other.length) / SIZE;
    int low = 0;
    // Whoever shares a segment shares all before it.
    while (low < segments) {
      int middle = (low + segments + 1) / 2;
      int at = (middle - 1) * SIZE;
      if (Arrays.equals(one, at, at + SIZE, other, at, at + SIZE)) {
        low = middle;
      } else {
        segments = middle - 1;
      }
    }
    return low;
  }
}
