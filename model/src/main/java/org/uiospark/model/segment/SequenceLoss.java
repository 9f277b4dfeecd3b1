package org.uiospark.model.segment;

import java.util.List;

/**
 * The loss of one sequence.
 *
 * @param sums sum of the cross-entropy of each segment, in nats
 * @param labels number of valid labels of each segment; the last token of a segment predicts the
 *     first of the next and counts with the former
 */
public record SequenceLoss(List<Double> sums, List<Long> labels) {
  /** Keeps immutable copies. */
  public SequenceLoss {
    sums = List.copyOf(sums);
    labels = List.copyOf(labels);
  }

  /** Sum over all segments. */
  public double sum() {
    double total = 0;
    for (double part : sums) {
      total += part;
    }
    return total;
  }

  /** Valid labels of all segments. */
  public long validLabels() {
    return labels.stream().mapToLong(Long::longValue).sum();
  }
}
