package org.uiospark.model.text;

import java.util.Arrays;
import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;

/**
 * Where a text may be cut so that the tokens of its pieces are those of the whole: between two
 * letters with one joint character between them.
 *
 * <p>Tokenizers differ in what such a cut may do to the joint, so the tokenizer is asked: most
 * (byte-level) keep the joint as the first character of the right piece; those that put a space of
 * their own before each text need the joint, a space, dropped. A tokenizer that obeys neither is
 * refused.
 */
public final class Joints {
  /** In order of preference; the last two serve scripts that write no spaces. */
  private static final char[] CANDIDATES = {' ', '\n', '\u3002', '\uFF0C'};

  private static final String[][] PROBES = {
    {"the", "quick brown"}, {"It is a truth", "universally acknowledged"}, {"a", "s t"}
  };

  private final String characters;
  private final boolean dropped;

  private Joints(String characters, boolean dropped) {
    this.characters = characters;
    this.dropped = dropped;
  }

  /**
   * Those of a tokenizer.
   *
   * @throws InvalidInputException if no way of cutting gives the tokens of the whole text
   */
  public static Joints of(TextTokenizer tokenizer) {
    StringBuilder kept = new StringBuilder();
    for (char joint : CANDIDATES) {
      if (isSafe(tokenizer, joint, false)) {
        kept.append(joint);
      }
    }
    if (!kept.isEmpty()) {
      return new Joints(kept.toString(), false);
    }
    if (!isSafe(tokenizer, ' ', true)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "tokenizer %s joins words so that a text cannot be cut without changing its tokens; use a byte-level or prefix-space tokenizer",
              tokenizer.where()));
    }
    return new Joints(" ", true);
  }

  private static boolean isSafe(TextTokenizer tokenizer, char joint, boolean dropped) {
    try {
      for (String[] probe : PROBES) {
        int[] left = tokenizer.encode(probe[0]);
        int[] right = tokenizer.encode(dropped ? probe[1] : joint + probe[1]);
        int[] both = Arrays.copyOf(left, left.length + right.length);
        System.arraycopy(right, 0, both, left.length, right.length);
        if (!Arrays.equals(both, tokenizer.encode(probe[0] + joint + probe[1]))) {
          return false;
        }
      }
      return true;
    } catch (UnencodableTextException e) {
      // A joint that the tokenizer does not know comes in no text.
      return false;
    }
  }

  /** Whether a text may be cut before the second of three characters; never a half of a pair. */
  public boolean isCut(char left, char joint, char right) {
    return characters.indexOf(joint) >= 0 && Character.isLetter(left) && Character.isLetter(right);
  }

  /** Whether the joint belongs to neither piece; else it is the first of the right one. */
  public boolean isDropped() {
    return dropped;
  }

  /** How many characters are joints. */
  int count() {
    return characters.length();
  }

  /** One of them; 0 is the one to prefer. */
  char get(int joint) {
    return characters.charAt(joint);
  }

  /** The one to prefer. */
  char first() {
    return get(0);
  }
}
