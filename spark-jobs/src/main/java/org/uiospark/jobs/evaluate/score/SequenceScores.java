package org.uiospark.jobs.evaluate.score;

/**
 * Loss sums of one sequence, in nats.
 *
 * @param tokens tokens of the sequence
 * @param segments what was measured of all of them
 * @param target the last whole segment, behind more and more memories
 */
public record SequenceScores(int tokens, ChunkScores segments, TargetScores target) {
  /** Valid labels, an entry a segment. */
  long[] labels() {
    return segments.labels();
  }

  /** Each segment with the memories of all earlier ones. */
  double[] withMemory() {
    return segments.withMemory().sums();
  }

  /** Each segment alone. */
  double[] withoutMemory() {
    return segments.withoutMemory().sums();
  }

  /** Each segment after as much text as the base model's window holds. */
  double[] nativeWindow() {
    return segments.nativeWindow().sums();
  }
}
