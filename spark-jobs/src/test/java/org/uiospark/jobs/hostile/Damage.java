package org.uiospark.jobs.hostile;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ArbitrarySupplier;
import net.jqwik.api.Combinators;

/**
 * One thing that a hostile file has done to it.
 *
 * @param kind how it is changed
 * @param at where, as a share of the file from 0 to 1
 * @param size how many bytes, or which of the values that lie
 */
record Damage(Kind kind, double at, int size) {
  enum Kind {
    CUT,
    FLIP,
    DELETE,
    REPEAT,
    NUMBER_32,
    NUMBER_64,
    VALUE,
    KEY
  }

  private static final Pattern VALUES =
      Pattern.compile("(?<=[:,\\[]\\s{0,8})(\"[^\"]*\"|-?\\d[\\d.eE+-]*|true|false|null|\\[|\\{)");
  private static final Pattern KEYS = Pattern.compile("\"[^\"]*\"(?=\\s*:)");

  private static final long[] NUMBERS = {
    0,
    1,
    -1,
    2,
    7,
    64,
    1 << 16,
    1 << 30,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    1L << 32,
    1L << 62
  };

  private static final List<String> TEXTS =
      List.of(
          "0",
          "-1",
          "3",
          "2147483647",
          "2147483648",
          "9223372036854775807",
          "18446744073709551616",
          "1e999",
          "4.5",
          "9".repeat(2000),
          "null",
          "true",
          "[]",
          "{}",
          "[0]",
          "\"\"",
          "\"../../../../etc/passwd\"",
          "\"/etc/passwd\"",
          "\"..\"",
          "\"file:///etc/passwd\"",
          "\"a\\u0000\\nb\\u001b[31m\"",
          "\"" + "x".repeat(9000) + "\"",
          "[".repeat(3000),
          "{\"a\":".repeat(3000),
          "NaN",
          "\"\\ud800\"");

  /** One to three of them, for a file. */
  static final class Several implements ArbitrarySupplier<List<Damage>> {
    @Override
    public Arbitrary<List<Damage>> get() {
      return several();
    }
  }

  static Arbitrary<List<Damage>> several() {
    return Combinators.combine(
            Arbitraries.of(Kind.class),
            Arbitraries.doubles().between(0, 1).ofScale(6),
            Arbitraries.integers().between(0, 255))
        .as(Damage::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(3);
  }

  static byte[] apply(List<Damage> damages, byte[] whole) {
    byte[] bytes = whole;
    for (Damage damage : damages) {
      bytes = damage.apply(bytes);
    }
    return bytes;
  }

  /** Damage to the header of a safetensors file; the length before it stays true. */
  static byte[] applyToHeader(List<Damage> damages, byte[] whole) {
    int length = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
    byte[] header = apply(damages, Arrays.copyOfRange(whole, 8, 8 + length));
    return ByteBuffer.allocate(whole.length - length + header.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .put(whole, 8 + length, whole.length - 8 - length)
        .array();
  }

  private byte[] apply(byte[] bytes) {
    int from = (int) (at * bytes.length);
    int to = Math.min(bytes.length, from + 1 + size);
    return switch (kind) {
      case CUT -> Arrays.copyOf(bytes, from);
      case FLIP -> flipped(bytes, from);
      case DELETE -> joined(bytes, from, new byte[0], to);
      case REPEAT -> joined(bytes, to, Arrays.copyOfRange(bytes, from, to), to);
      case NUMBER_32 -> number(bytes, from / 4 * 4, Integer.BYTES);
      case NUMBER_64 -> number(bytes, from / 8 * 8, Long.BYTES);
      case VALUE -> replaced(bytes, VALUES, TEXTS.get(size % TEXTS.size()));
      case KEY -> replaced(bytes, KEYS, size % 2 == 0 ? "\"x\"" : "\"../x\"");
    };
  }

  private byte[] flipped(byte[] bytes, int from) {
    byte[] changed = bytes.clone();
    if (from < changed.length) {
      changed[from] ^= (byte) (size == 0 ? 1 : size);
    }
    return changed;
  }

  private byte[] number(byte[] bytes, int from, int width) {
    byte[] number =
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(NUMBERS[size % NUMBERS.length])
            .array();
    int to = Math.min(bytes.length, from + width);
    return joined(bytes, from, Arrays.copyOf(number, to - from), to);
  }

  private byte[] replaced(byte[] bytes, Pattern pattern, String value) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    List<MatchResult> found = pattern.matcher(text).results().toList();
    if (found.isEmpty()) {
      return bytes;
    }
    MatchResult one = found.get((int) (at * (found.size() - 1)));
    return joined(bytes, one.start(), value.getBytes(StandardCharsets.ISO_8859_1), one.end());
  }

  private static byte[] joined(byte[] bytes, int end, byte[] middle, int start) {
    return ByteBuffer.allocate(end + middle.length + bytes.length - start)
        .put(bytes, 0, end)
        .put(middle)
        .put(bytes, start, bytes.length - start)
        .array();
  }
}
