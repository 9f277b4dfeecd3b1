package org.uiospark.model.segment;

import java.util.Locale;
import java.util.Optional;

/**
 * The positions that a base model was trained for, and the text that stands within them. The
 * memories of a text stand from position 0 on, and a segment that is decoded right behind those of
 * all segments before it; what stands further out stands where the model has learned nothing.
 *
 * @param count W, from position 0 on
 * @param segments how the text is cut and compressed
 */
public record TrainedPositions(int count, SegmentSettings segments) {

  /**
   * Positions that a text takes, each of its segments being decoded.
   *
   * @param tokens at least one
   */
  public long takenBy(long tokens) {
    long length = segments.segmentLength();
    long memories = segments.memoryTokens();
    long encoded = (tokens - 1) / length;
    long last = encoded * memories + tokens - encoded * length;
    if (encoded == 0) {
      return last;
    }
    // The last memory token of a segment is encoded at the position behind its last token.
    long lastWhole = Math.max((encoded - 1) * memories + length, length + 1);
    return Math.max(last, lastWhole);
  }

  /** Tokens of the longest text that takes no position beyond those. */
  public long longestText() {
    long length = segments.segmentLength();
    long memories = segments.memoryTokens();
    if (count <= length) {
      return count;
    }
    // So many whole segments have room behind the memories of those before them, and behind all
    // their memories there may be room for some tokens.
    long whole = (count - length) / memories + 1;
    return whole * length + Math.max(0, count - whole * memories);
  }

  /**
   * What to tell about a text that is too long; nothing if it is not.
   *
   * @param text what it is, as a sentence begins with it
   * @param tokens that it has, at least one
   */
  public Optional<String> warning(String text, long tokens) {
    long taken = takenBy(tokens);
    return taken <= count
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "%s has %d tokens and takes %d positions, beyond the %d that the base model was trained for (max_position_embeddings); with segments of %d and %d memory tokens the longest text within them has %d tokens",
                text,
                tokens,
                taken,
                count,
                segments.segmentLength(),
                segments.memoryTokens(),
                longestText()));
  }
}
