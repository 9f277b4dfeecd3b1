package org.uiospark.jobs.evaluate.score;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Loss sums of one target segment behind more and more memories, in nats.
 *
 * @param segment index of the target, the last whole segment of its sequence
 * @param labels its valid labels
 * @param losses one for each of {@link #counts}
 */
public record TargetScores(int segment, long labels, double[] losses) implements Serializable {

  /**
   * The losses behind no memory and behind all of them are those of the segment as it is read in
   * its place; what lies between was read besides.
   *
   * @param segments of the whole sequence
   * @param behind losses for each of {@link #between}
   */
  public static TargetScores of(int segment, ChunkScores segments, List<Double> behind) {
    List<Double> losses = new ArrayList<>(List.of(segments.withoutMemory().sums()[segment]));
    losses.addAll(behind);
    if (segment > 0) {
      losses.add(segments.withMemory().sums()[segment]);
    }
    return new TargetScores(
        segment,
        segments.labels()[segment],
        losses.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** How many memories are put behind the target: 0, 1, 2, 4, ... and all that there are. */
  public static List<Integer> counts(int segment) {
    List<Integer> counts = new ArrayList<>(List.of(0));
    for (int count = 1; count < segment; count *= 2) {
      counts.add(count);
    }
    if (segment > 0) {
      counts.add(segment);
    }
    return counts;
  }

  /** Those counts that are neither 0 nor all. */
  public static List<Integer> between(int segment) {
    return counts(segment).stream().filter(count -> count > 0 && count < segment).toList();
  }
}
