package org.uiospark.model.text;

import java.util.Arrays;
import java.util.function.Function;

/**
 * The text of tokens as they come.
 *
 * <p>A character may be spread over several tokens and a decoder may treat the first token of a
 * text differently, so tokens are decoded behind those before them and held back while the text
 * ends in half a character.
 */
public final class StreamedText {
  private static final String HALF_CHARACTER = "\uFFFD";
  private static final int CONTEXT = 16;

  private final Function<int[], String> decoder;
  private int[] context;
  private int[] held = new int[0];

  /**
   * @param decoder text of token ids
   * @param before tokens that come before the first
   */
  public StreamedText(Function<int[], String> decoder, int[] before) {
    this.decoder = decoder;
    this.context = Arrays.copyOfRange(before, Math.max(0, before.length - CONTEXT), before.length);
    // Of bytes that begin within a character some decoders make no text at all, however they end.
    while (decoder.apply(context).startsWith(HALF_CHARACTER)) {
      context = Arrays.copyOfRange(context, 1, context.length);
    }
  }

  /** Text that is settled now that {@code token} is there; may be empty. */
  public String push(int token) {
    held = joined(held, new int[] {token});
    String text = text();
    if (text.isEmpty() || text.endsWith(HALF_CHARACTER)) {
      return "";
    }
    context = held;
    held = new int[0];
    return text;
  }

  /** What was held back: nothing more comes. */
  public String finish() {
    return held.length == 0 ? "" : text();
  }

  private String text() {
    String known = decoder.apply(context);
    String all = decoder.apply(joined(context, held));
    return all.substring(Math.min(known.length(), all.length()));
  }

  private static int[] joined(int[] left, int[] right) {
    int[] both = Arrays.copyOf(left, left.length + right.length);
    System.arraycopy(right, 0, both, left.length, right.length);
    return both;
  }
}
