package org.uiospark.jobs.evaluate.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ContextPerplexityTest {
  private static final TargetScores NO_TARGET = new TargetScores(0, 0, new double[] {0});

  private static SequenceScores scores(
      int tokens,
      long[] labels,
      double[] memory,
      double[] alone,
      double[] window,
      TargetScores target) {
    return new SequenceScores(
        tokens, new ChunkScores(labels, timed(memory), timed(alone), timed(window)), target);
  }

  private static TimedLosses timed(double[] sums) {
    return new TimedLosses(sums, sums);
  }

  /** Three segments of 10 tokens; the last label of a sequence has no token to predict. */
  private static SequenceScores scores(int tokens, double memory, double alone, double window) {
    return scores(
        tokens,
        new long[] {10, 10, 9},
        new double[] {alone, memory, memory},
        new double[] {alone, alone, alone},
        new double[] {alone, window, 1000},
        NO_TARGET);
  }

  @Test
  void perplexityIsTheExponentialOfTheMeanLossOverTheFirstTokens() {
    List<SequenceScores> scores =
        List.of(scores(30, 10, 20, 5), scores(29, 12, 22, 7), scores(10, 1, 1, 1));

    ContextPerplexity row = ContextPerplexity.of(20, 10, 20, scores);

    assertThat(row.sequences()).isEqualTo(2);
    assertThat(row.labels()).isEqualTo(40);
    assertThat(row.withMemory().value())
        .isCloseTo(Math.exp((20 + 10 + 22 + 12) / 40.0), within(1e-12));
    assertThat(row.withoutMemory().value()).isCloseTo(Math.exp(84 / 40.0), within(1e-12));
    assertThat(row.nativeWindow().value())
        .isCloseTo(Math.exp((20 + 5 + 22 + 7) / 40.0), within(1e-12));
    // Every sequence gains half a nat a token: no doubt about that.
    assertThat(row.gain().value()).isCloseTo(1 - Math.exp(-20 / 40.0), within(1e-12));
    assertThat(row.gain().interval().low()).isCloseTo(row.gain().value(), within(1e-9));
    assertThat(row.withMemory().interval().low()).isLessThan(row.withMemory().value());
    assertThat(row.withMemory().interval().high()).isGreaterThan(row.withMemory().value());
  }

  @Test
  void truncatedTextEndsWithTheWindow() {
    ContextPerplexity row = ContextPerplexity.of(30, 10, 25, List.of(scores(30, 10, 20, 5)));

    // Two whole segments fit 25 tokens.
    assertThat(row.truncated().tokens()).isEqualTo(20);
    assertThat(row.truncated().value()).isCloseTo(Math.exp(25 / 20.0), within(1e-12));
    assertThat(row.labels()).isEqualTo(29);
    assertThat(row.withMemory().interval()).isNull();
  }

  @Test
  void theCurveComparesTheSameTargetWithItselfWithoutMemory() {
    assertThat(TargetScores.counts(0)).containsExactly(0);
    assertThat(TargetScores.counts(5)).containsExactly(0, 1, 2, 4, 5);
    assertThat(TargetScores.counts(8)).containsExactly(0, 1, 2, 4, 8);
    List<SequenceScores> scores =
        List.of(
            target(new TargetScores(2, 10, new double[] {20, 16, 14})),
            target(new TargetScores(2, 10, new double[] {30, 26, 28})),
            target(new TargetScores(1, 10, new double[] {1, 1})));

    List<MemoryCurvePoint> curve = MemoryCurvePoint.curve(scores);

    assertThat(curve).extracting(MemoryCurvePoint::memories).containsExactly(0, 1, 2);
    assertThat(curve).extracting(MemoryCurvePoint::sequences).containsOnly(2);
    assertThat(curve.get(0).perplexity()).isCloseTo(Math.exp(2.5), within(1e-12));
    assertThat(curve.get(0).savedNats()).isZero();
    // 4 nats of 10 tokens in both sequences.
    assertThat(curve.get(1).savedNats()).isCloseTo(0.4, within(1e-12));
    assertThat(curve.get(1).savedInterval().low()).isCloseTo(0.4, within(1e-9));
    // 6 and 2 nats: 0.4 on average, with doubt.
    assertThat(curve.get(2).savedNats()).isCloseTo(0.4, within(1e-12));
    assertThat(curve.get(2).savedInterval().low()).isNegative();
    // The second memory saves one 2 nats, and costs the other as many.
    assertThat(curve.get(0).addedNats()).isZero();
    assertThat(curve.get(1).addedNats()).isCloseTo(0.4, within(1e-12));
    assertThat(curve.get(2).addedNats()).isCloseTo(0, within(1e-12));
    assertThat(curve.get(2).addedInterval().low()).isNegative();
  }

  @Test
  void whatHasNoLabelThatCountsHasNoPerplexity() {
    double[] losses = {0, 20};
    SequenceScores prompt = scores(20, new long[] {0, 10}, losses, losses, losses, NO_TARGET);

    ContextPerplexity row = ContextPerplexity.of(20, 10, 10, List.of(prompt));

    assertThat(row.withMemory().value()).isCloseTo(Math.exp(2), within(1e-12));
    assertThat(row.json()).doesNotContainKey("truncated").containsEntry("truncated_labels", 0L);
    assertThat(
            MemoryCurvePoint.curve(List.of(target(new TargetScores(2, 0, new double[] {0, 0, 0})))))
        .isEmpty();
  }

  private static SequenceScores target(TargetScores target) {
    double[] none = {0, 0, 0};
    return scores(30, new long[] {10, 10, 10}, none, none, none, target);
  }
}
