package org.uiospark.jobs.evaluate.score;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * What was measured of some segments of a sequence, or of all of them.
 *
 * @param labels valid labels, an entry a segment
 * @param withMemory each segment with the memories of all earlier ones
 * @param withoutMemory each segment alone
 * @param nativeWindow each segment after as much text as the base model's window holds
 */
public record ChunkScores(
    long[] labels, TimedLosses withMemory, TimedLosses withoutMemory, TimedLosses nativeWindow)
    implements Serializable {

  /** Those of chunks that follow each other. */
  public static ChunkScores of(List<ChunkScores> chunks) {
    return new ChunkScores(
        chunks.stream().flatMapToLong(chunk -> Arrays.stream(chunk.labels())).toArray(),
        joined(chunks, ChunkScores::withMemory),
        joined(chunks, ChunkScores::withoutMemory),
        joined(chunks, ChunkScores::nativeWindow));
  }

  private static TimedLosses joined(
      List<ChunkScores> chunks, Function<ChunkScores, TimedLosses> losses) {
    return TimedLosses.of(chunks.stream().map(losses).toList());
  }
}
