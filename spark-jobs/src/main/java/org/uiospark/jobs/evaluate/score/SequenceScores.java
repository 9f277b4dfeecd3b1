package org.uiospark.jobs.evaluate.score;

import java.io.Serializable;
import org.uiospark.model.segment.SequenceLoss;

/**
 * Loss sums of one sequence, an entry a segment, in nats.
 *
 * @param tokens tokens of the sequence
 * @param labels valid labels
 * @param withMemory each segment with the memories of all earlier ones
 * @param withoutMemory each segment alone
 * @param nativeWindow each segment after as much text as the base model's window holds
 * @param target the last whole segment, behind more and more memories
 */
public record SequenceScores(
    int tokens,
    long[] labels,
    double[] withMemory,
    double[] withoutMemory,
    double[] nativeWindow,
    TargetScores target)
    implements Serializable {

  /**
   * Takes the sums out of the losses of one sequence.
   *
   * @param tokens tokens of the sequence
   * @param memory with the memories of all earlier segments
   * @param alone each segment alone
   * @param window after as much text as the base model's window holds
   */
  public static SequenceScores of(
      int tokens,
      SequenceLoss memory,
      SequenceLoss alone,
      SequenceLoss window,
      TargetScores target) {
    return new SequenceScores(
        tokens,
        memory.labels().stream().mapToLong(Long::longValue).toArray(),
        sums(memory),
        sums(alone),
        sums(window),
        target);
  }

  private static double[] sums(SequenceLoss loss) {
    return loss.sums().stream().mapToDouble(Double::doubleValue).toArray();
  }
}
