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
}
