package org.uiospark.jobs.evaluate.score;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.uiospark.jobs.statistics.Interval;
import org.uiospark.jobs.statistics.TokenMean;

/**
 * Perplexity of the same target tokens, the last segment of the longest sequences, behind the
 * memories of so many segments before it. Intervals as in {@link ContextPerplexity}.
 *
 * @param memories segments of memory behind the target, the nearest ones
 * @param sequences how many there are
 * @param labels tokens predicted
 * @param perplexity of the target
 * @param interval of the perplexity
 * @param savedNats mean loss without memory less that with it, paired by sequence: above 0 where
 *     memory helps
 * @param savedInterval of that difference
 * @param addedNats the part of it that the point before, with fewer memories, has not
 * @param addedInterval of that part, paired by sequence too
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MemoryCurvePoint(
    int memories,
    int sequences,
    long labels,
    double perplexity,
    Interval interval,
    @JsonProperty("saved_nats") double savedNats,
    @JsonProperty("saved_interval") Interval savedInterval,
    @JsonProperty("added_nats") double addedNats,
    @JsonProperty("added_interval") Interval addedInterval) {

  /**
   * The curve over the sequences with the most segments; empty if those have but one, or no label
   * there counts.
   */
  public static List<MemoryCurvePoint> curve(List<SequenceScores> scores) {
    int target = scores.stream().mapToInt(score -> score.target().segment()).max().orElse(0);
    List<TargetScores> same =
        scores.stream()
            .map(SequenceScores::target)
            .filter(score -> score.segment() == target)
            .toList();
    List<MemoryCurvePoint> curve = new ArrayList<>();
    List<Integer> counts = TargetScores.counts(target);
    long[] labels = same.stream().mapToLong(TargetScores::labels).toArray();
    boolean comparable = target > 0 && Arrays.stream(labels).sum() > 0;
    for (int i = 0; comparable && i < counts.size(); i++) {
      int point = i;
      TokenMean perplexity =
          TokenMean.of(same.stream().mapToDouble(s -> s.losses()[point]).toArray(), labels)
              .map(Math::exp);
      TokenMean saved = saved(same, labels, 0, point);
      TokenMean added = saved(same, labels, Math.max(0, point - 1), point);
      curve.add(
          new MemoryCurvePoint(
              counts.get(i),
              same.size(),
              perplexity.tokens(),
              perplexity.value(),
              perplexity.interval(),
              saved.value(),
              saved.interval(),
              added.value(),
              added.interval()));
    }
    return curve;
  }

  /** Mean loss at one point less that at a later one. */
  private static TokenMean saved(List<TargetScores> scores, long[] labels, int from, int to) {
    return TokenMean.of(
        scores.stream().mapToDouble(s -> s.losses()[from] - s.losses()[to]).toArray(), labels);
  }
}
