package org.uiospark.jobs.evaluate.score;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.uiospark.model.segment.SequenceLoss;

/**
 * Loss sums of some segments, in nats, and the seconds that a task read each of them.
 *
 * @param sums an entry a segment
 * @param seconds likewise
 */
public record TimedLosses(double[] sums, double[] seconds) implements Serializable {

  /**
   * Reads some segments, one after the other.
   *
   * @param before seconds that were spent on each of them already
   * @param read gives the loss of a segment
   */
  public static TimedLosses of(int from, int to, double before, IntFunction<SequenceLoss> read) {
    double[] sums = new double[to - from];
    double[] seconds = new double[to - from];
    for (int t = from; t < to; t++) {
      long begin = System.nanoTime();
      sums[t - from] = read.apply(t).sum();
      seconds[t - from] = before + (System.nanoTime() - begin) / 1e9;
    }
    return new TimedLosses(sums, seconds);
  }

  /** Those of parts that follow each other. */
  static TimedLosses of(List<TimedLosses> parts) {
    return new TimedLosses(
        parts.stream().flatMapToDouble(part -> Arrays.stream(part.sums())).toArray(),
        parts.stream().flatMapToDouble(part -> Arrays.stream(part.seconds())).toArray());
  }

  /** Seconds of the first segments. */
  double secondsOfFirst(int segments) {
    double sum = 0;
    for (int t = 0; t < segments; t++) {
      sum += seconds[t];
    }
    return sum;
  }
}
