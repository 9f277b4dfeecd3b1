package org.uiospark.model.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TextPrefixesTest {
  private static final int LENGTH = 5;

  private static int[] text(int tokens) {
    return new SplittableRandom(3).ints(tokens, 0, 100_000).toArray();
  }

  private static TextPrefixes of(int[] text) {
    TextPrefixes prefixes = new TextPrefixes(LENGTH);
    prefixes.add(text, 0, text.length);
    return prefixes;
  }

  @Test
  void eachIsTheSha256OfAllTokensUpToTheEndOfItsSegment() throws Exception {
    int[] text = text(4 * LENGTH + 2);
    TextPrefixes prefixes = of(text);

    for (int segment = 1; segment <= 4; segment++) {
      ByteBuffer bytes = ByteBuffer.allocate(segment * LENGTH * 4).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asIntBuffer().put(text, 0, segment * LENGTH);
      byte[] expected = MessageDigest.getInstance("SHA-256").digest(bytes.array());
      assertThat(Arrays.copyOfRange(prefixes.digests(), (segment - 1) * 32, segment * 32))
          .isEqualTo(expected);
      if (segment == 1) {
        assertThat(prefixes.first()).isEqualTo(HexFormat.of().formatHex(expected));
      }
    }
    assertThat(prefixes.segments()).isEqualTo(4);
    assertThat(prefixes.rest()).containsExactly(text[20], text[21]);
    assertThat(prefixes.tokens()).isEqualTo(22);
  }

  @Test
  void howTheTokensArriveDoesNotMatter() {
    int[] text = text(43);
    TextPrefixes parts = new TextPrefixes(LENGTH);
    for (int from = 0; from < text.length; from += 7) {
      parts.add(text, from, Math.min(from + 7, text.length));
    }

    assertThat(parts.digests()).isEqualTo(of(text).digests());
    assertThat(parts.rest()).isEqualTo(of(text).rest());
  }

  @Test
  void twoTextsShareTheSegmentsBeforeTheFirstTokenThatDiffers() {
    int[] text = text(12 * LENGTH + 1);
    byte[] digests = of(text).digests();
    for (int at = 0; at < text.length; at++) {
      int[] other = text.clone();
      other[at]++;
      assertThat(TextPrefixes.shared(digests, of(other).digests()))
          .as("token %d differs", at)
          .isEqualTo(Math.min(at / LENGTH, 12));
      assertThat(TextPrefixes.shared(of(Arrays.copyOf(text, at)).digests(), digests))
          .as("%d tokens", at)
          .isEqualTo(at / LENGTH);
    }
    assertThat(of(new int[0]).first()).isEmpty();
  }
}
