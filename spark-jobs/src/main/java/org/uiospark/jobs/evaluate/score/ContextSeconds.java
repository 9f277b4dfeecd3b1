package org.uiospark.jobs.evaluate.score;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Seconds of computing that the first {@code contextTokens} tokens of a sequence take, those of all
 * its tasks together; the mean over the sequences that are at least as long.
 *
 * @param contextTokens length of the text that is read, in tokens
 * @param sequences how many are as long
 * @param withMemory encoding all of its segments, and reading each with the memories of all earlier
 *     ones
 * @param withoutMemory reading each segment alone
 * @param nativeWindow reading each segment after as much text as the base model's window holds
 */
public record ContextSeconds(
    @JsonProperty("context_tokens") int contextTokens,
    int sequences,
    @JsonProperty("with_memory") double withMemory,
    @JsonProperty("without_memory") double withoutMemory,
    @JsonProperty("native_window") double nativeWindow) {

  /**
   * The means of one length.
   *
   * @param sequences that were read whole
   */
  public static ContextSeconds of(
      int contextTokens, int segmentLength, List<SequenceScores> sequences) {
    List<ChunkScores> whole =
        sequences.stream()
            .filter(score -> score.tokens() >= contextTokens)
            .map(SequenceScores::segments)
            .toList();
    int segments = contextTokens / segmentLength;
    return new ContextSeconds(
        contextTokens,
        whole.size(),
        mean(whole, segments, ChunkScores::withMemory),
        mean(whole, segments, ChunkScores::withoutMemory),
        mean(whole, segments, ChunkScores::nativeWindow));
  }

  private static double mean(
      List<ChunkScores> whole, int segments, Function<ChunkScores, TimedLosses> losses) {
    return whole.stream()
        .mapToDouble(scores -> losses.apply(scores).secondsOfFirst(segments))
        .average()
        .orElse(0);
  }

  /** A line for people. */
  public String text() {
    return String.format(
        Locale.ROOT,
        "%d tokens: %.2f s of computing with memory (%.0f tokens/s), %.2f s without, %.2f s with the native window",
        contextTokens,
        withMemory,
        contextTokens / withMemory,
        withoutMemory,
        nativeWindow);
  }
}
