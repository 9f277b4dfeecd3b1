package org.uiospark.model.text;

/**
 * Tokens of a text and where they stand in it.
 *
 * @param ids the tokens
 * @param starts the first {@code char} of each
 * @param ends the {@code char} behind each; where several tokens make one character, each has all
 *     of it
 */
public record SpannedTokens(int[] ids, int[] starts, int[] ends) {
  /** Number of tokens. */
  public int size() {
    return ids.length;
  }
}
