package org.uiospark.data.copies;

import java.io.IOException;
import java.io.Reader;
import java.lang.Character.UnicodeScript;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Every run of five words of a text, as a number. Words are letters and digits in small letters; of
 * scripts without spaces each letter is one. A shorter text is one run.
 */
final class Shingles {
  private static final int WORDS = 5;
  private static final long PRIME = 0x100000001b3L;
  private static final Set<UnicodeScript> UNSPACED =
      EnumSet.of(
          UnicodeScript.HAN,
          UnicodeScript.HIRAGANA,
          UnicodeScript.KATAKANA,
          UnicodeScript.THAI,
          UnicodeScript.LAO,
          UnicodeScript.KHMER,
          UnicodeScript.MYANMAR);

  private final LongConsumer taker;
  private final long[] last = new long[WORDS];
  private long words;
  private long word;
  private boolean inWord;

  private Shingles(LongConsumer taker) {
    this.taker = taker;
  }

  static void of(Reader text, LongConsumer taker) throws IOException {
    Shingles shingles = new Shingles(taker);
    char[] buffer = new char[1 << 13];
    char high = 0;
    for (int count = text.read(buffer); count >= 0; count = text.read(buffer)) {
      for (int i = 0; i < count; i++) {
        char each = buffer[i];
        if (Character.isLowSurrogate(each)) {
          shingles.letter(Character.toCodePoint(high, each));
        } else if (!Character.isHighSurrogate(each)) {
          shingles.letter(each);
        }
        high = each;
      }
    }
    shingles.end();
  }

  private void letter(int point) {
    if (!Character.isLetterOrDigit(point)) {
      endWord();
      return;
    }
    boolean alone = point > 0x7f && UNSPACED.contains(UnicodeScript.of(point));
    if (alone) {
      endWord();
    }
    word = (word ^ Character.toLowerCase(point)) * PRIME;
    inWord = true;
    if (alone) {
      endWord();
    }
  }

  private void endWord() {
    if (!inWord) {
      return;
    }
    last[(int) (words % WORDS)] = word;
    words++;
    word = 0;
    inWord = false;
    if (words >= WORDS) {
      give(WORDS);
    }
  }

  private void end() {
    endWord();
    if (words > 0 && words < WORDS) {
      give((int) words);
    }
  }

  private void give(int count) {
    long run = 0;
    for (int i = count; i > 0; i--) {
      run = mixed(run + last[(int) ((words - i) % WORDS)]);
    }
    taker.accept(run);
  }

  /** Murmur3's last step: every bit of the result depends on every bit. */
  private static long mixed(long value) {
    long mixed = (value ^ value >>> 33) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ mixed >>> 33;
  }
}
