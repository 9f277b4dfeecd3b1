package org.uiospark.model.cost;

import java.util.SplittableRandom;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.segment.SegmentSettings;

/**
 * Operations that the segments of a sequence take when it is computed in chunks: each is encoded,
 * decoded behind the memories of all before it, encoded again and back-propagated, by the rules of
 * {@link FlopCount}.
 *
 * @param each of a segment without any memory before it
 * @param pair more for each memory before it
 */
public record SegmentCost(double each, double pair) {

  /** The cost under the exact gradient, which the cut of chunks goes by whatever the estimator. */
  public static SegmentCost of(LlamaConfig config, int rank, SegmentSettings segments) {
    double two = count(config, rank, segments, 2);
    double three = count(config, rank, segments, 3);
    double four = count(config, rank, segments, 4);
    double pair = four - 2 * three + two;
    return new SegmentCost(three - two - 2 * pair, pair);
  }

  private static double count(
      LlamaConfig config, int rank, SegmentSettings segments, int sequence) {
    FlopCount count =
        FlopCount.of(
            config, rank, segments, new Estimator.Exact().draw(sequence, new SplittableRandom(0)));
    return (double) count.total() + count.recomputed();
  }

  /** Of the first {@code t} segments. */
  public double ofFirst(int t) {
    return t * each + pair * t * (t - 1.0) / 2;
  }
}
