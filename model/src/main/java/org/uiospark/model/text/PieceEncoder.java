package org.uiospark.model.text;

import java.io.IOException;
import java.io.Reader;
import java.util.Arrays;
import java.util.Locale;
import org.uiospark.model.text.TextTokenizer.Pieces;

/**
 * Encodes a text of any length in bounded memory, with the tokens that the whole text would give.
 *
 * <p>A text is cut at its {@link Joints}.
 *
 * <p>Where a long stretch has no such place (numbers, one letter after the other), a cut is tried
 * on the text itself: it stands if both sides have the tokens that they have together, with much
 * text on either side of it.
 */
public final class PieceEncoder {
  /** Takes the tokens of one piece. */
  @FunctionalInterface
  public interface TokenConsumer {
    /** Takes the tokens of the next piece, in order. */
    void accept(int[] tokens) throws IOException;
  }

  /** The tokenizer keeps some 100 bytes for each character: a piece stays in the core's cache. */
  private static final int DEFAULT_PIECE_CHARS = 16 * 1024;

  /** Room for a short text, which grows to that of a piece. */
  private static final int FIRST_CHARS = 1 << 10;

  private static final int DEFAULT_BOUND_CHARS = 4 * 1024 * 1024;

  /** Text on which a cut is tried, half of it on either side. */
  private static final int TRIAL_CHARS = 64 * 1024;

  private static final int TRIALS = 64;

  private final TextTokenizer tokenizer;
  private final int pieceChars;
  private final int boundChars;
  private final Joints joints;

  /** Pieces of 16 Ki characters, at most 4 Mi where no joint is found. */
  public PieceEncoder(TextTokenizer tokenizer) {
    this(tokenizer, DEFAULT_PIECE_CHARS, DEFAULT_BOUND_CHARS);
  }

  /**
   * @param pieceChars characters after which a piece is cut, at the last joint before
   * @param boundChars characters without any joint at which cuts are tried
   * @throws InvalidInputException if no way of cutting gives the tokens of the whole text
   */
  public PieceEncoder(TextTokenizer tokenizer, int pieceChars, int boundChars) {
    if (pieceChars < 3 || boundChars < pieceChars) {
      throw new IllegalArgumentException("pieces of " + pieceChars + " to " + boundChars);
    }
    this.tokenizer = tokenizer;
    this.pieceChars = pieceChars;
    this.boundChars = boundChars;
    this.joints = Joints.of(tokenizer);
  }

  /**
   * Encodes all that the reader gives; does not close it.
   *
   * @param where the document, for errors
   * @return number of tokens
   * @throws UnencodableTextException if the tokenizer has no tokens for it, or no place to cut was
   *     found within the bound
   */
  public long encode(Reader text, String where, TokenConsumer consumer) throws IOException {
    try {
      return encode(text, consumer);
    } catch (UnencodableTextException e) {
      throw new UnencodableTextException(where, e.reason(), e);
    }
  }

  /**
   * Where a text that ends may go on.
   *
   * @param kept its tokens up to the last place where it may be cut, which stay whatever follows
   * @param open the text behind them, whose words what follows may change
   */
  public record Seam(int[] kept, String open) {}

  /**
   * Finds the seam of a text. Where there is no place to cut, all its tokens stay, and what follows
   * begins with a token of its own.
   *
   * @param tokens the end of a text, from any token on
   */
  public Seam seam(int[] tokens) {
    String all = tokenizer.decode(tokens);
    for (int at = tokens.length - 1; at >= 1; at--) {
      int[] kept = Arrays.copyOf(tokens, at);
      String left = tokenizer.decode(kept);
      int[] end = Arrays.copyOfRange(tokens, at, tokens.length);
      String right = tokenizer.decode(end);
      // Decoders drop the joint at the start of a text where the tokenizer puts one there.
      String joined = joints.isDropped() ? joints.first() + right : right;
      if (all.equals(left + joined)
          && falls(left, joined)
          && Arrays.equals(tokenizer.encode(right), end)) {
        return new Seam(kept, right);
      }
    }
    return new Seam(tokens, "");
  }

  /** Tokens of a text that goes on behind a seam, as the whole text has them. */
  public int[] behind(Seam seam, String more) {
    int[] kept = seam.kept();
    int[] made = tokenizer.encode(seam.open() + more);
    int[] both = Arrays.copyOf(kept, kept.length + made.length);
    System.arraycopy(made, 0, both, kept.length, made.length);
    return both;
  }

  private boolean falls(String left, String right) {
    return !left.isEmpty()
        && right.length() > 1
        && joints.isCut(left.charAt(left.length() - 1), right.charAt(0), right.charAt(1));
  }

  private long encode(Reader text, TokenConsumer consumer) throws IOException {
    // Most texts are shorter than a piece.
    char[] window = new char[Math.min(pieceChars, FIRST_CHARS)];
    int held = 0;
    int searched = 0;
    long done = 0;
    long tokens = 0;
    while (true) {
      int filled = fill(text, window, held);
      boolean ended = filled < window.length;
      held = filled;
      if (ended) {
        return tokens + pass(window, held, consumer);
      }
      if (held < pieceChars) {
        window = Arrays.copyOf(window, (int) Math.min(pieceChars, 4L * held));
        continue;
      }
      int cut = cut(window, searched, held);
      searched = cut < 0 ? held : 0;
      if (cut < 0) {
        if (held < boundChars) {
          window = Arrays.copyOf(window, (int) Math.min(boundChars, held * 2L));
          continue;
        }
        cut = triedCut(new String(window, 0, Math.min(held, TRIAL_CHARS)));
      }
      if (cut < 0) {
        throw new UnencodableTextException(
            "text",
            String.format(
                Locale.ROOT,
                "no place in %d characters from character %d on where a cut leaves the tokens as they are; break it up",
                held,
                done),
            null);
      }
      tokens += pass(window, cut, consumer);
      int next = joints.isDropped() ? cut + 1 : cut;
      done += next;
      held -= next;
      searched = Math.max(0, searched - next);
      System.arraycopy(window, next, window, 0, held);
      if (window.length > pieceChars && held < pieceChars) {
        window = Arrays.copyOf(window, pieceChars);
      }
    }
  }

  /** Index near the middle of a text where it falls apart into its own tokens, or -1. */
  private int triedCut(String text) {
    Pieces whole = tokenizer.pieces(text);
    int trials = 0;
    for (int i = text.length() / 2; i > 0 && trials < TRIALS; i--) {
      if (joints.isDropped()
          ? text.charAt(i) == joints.first()
          : !Character.isLowSurrogate(text.charAt(i))) {
        trials++;
        Pieces left = tokenizer.pieces(text.substring(0, i));
        Pieces right = tokenizer.pieces(text.substring(joints.isDropped() ? i + 1 : i));
        if (left.ids().length + right.ids().length == whole.ids().length
            && isPart(left, whole, 0)
            && isPart(right, whole, left.ids().length)) {
          return i;
        }
      }
    }
    return -1;
  }

  /**
   * Whether a whole has the same tokens from an index on, made in the same words. Digits in groups
   * of three from another place on may have the same tokens for long, never the same words.
   */
  private static boolean isPart(Pieces part, Pieces whole, int from) {
    for (int i = 0; i < part.ids().length; i++) {
      boolean same = part.ids()[i] == whole.ids()[from + i];
      if (!same || (i > 0 && startsWord(part, i) != startsWord(whole, from + i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean startsWord(Pieces pieces, int token) {
    return pieces.words()[token] != pieces.words()[token - 1];
  }

  private long pass(char[] window, int length, TokenConsumer consumer) throws IOException {
    int[] ids = tokenizer.encode(new String(window, 0, length));
    if (ids.length > 0) {
      consumer.accept(ids);
    }
    return ids.length;
  }

  private static int fill(Reader text, char[] window, int held) throws IOException {
    int filled = held;
    while (filled < window.length) {
      int read = text.read(window, filled, window.length - filled);
      if (read < 0) {
        break;
      }
      filled += read;
    }
    return filled;
  }

  /**
   * Index of the last joint between two letters, or -1. A letter of one char: never a surrogate.
   *
   * @param searched characters at the start that hold none
   */
  private int cut(char[] window, int searched, int held) {
    for (int joint = 0; joint < joints.count(); joint++) {
      for (int i = held - 2; i > Math.max(0, searched - 2); i--) {
        if (window[i] == joints.get(joint)
            && joints.isCut(window[i - 1], window[i], window[i + 1])) {
          return i;
        }
      }
    }
    return -1;
  }
}
