package org.uiospark.model.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.gradient.SegmentBatch.Tape;
import org.uiospark.model.segment.AtOnce;

class SegmentBatchTest {
  private static final AtOnce FOUR = new AtOnce(4, 1, 1);
  private static final AtOnce ONE = new AtOnce(1, 1, 1);

  /** Nine memories; the last segment has none. */
  private static final PairWeights EXACT = new Estimator.Exact().draw(10, new SplittableRandom(0));

  @Test
  void theFirstKeepTheirTapesAndNoMoreAreAliveAtOnceThanFit() {
    assertThat(SegmentBatch.ofSequence(FOUR, EXACT, 9, 100))
        .containsExactly(
            new SegmentBatch(0, 4, Tape.KEPT),
            new SegmentBatch(4, 8, Tape.KEPT),
            new SegmentBatch(8, 9, Tape.KEPT));
    assertThat(SegmentBatch.ofSequence(FOUR, EXACT, 9, 5))
        .containsExactly(
            new SegmentBatch(0, 4, Tape.KEPT),
            new SegmentBatch(4, 5, Tape.KEPT),
            new SegmentBatch(5, 9, Tape.MADE_AGAIN));
    assertThat(SegmentBatch.ofSequence(FOUR, EXACT, 9, 2))
        .containsExactly(
            new SegmentBatch(0, 2, Tape.KEPT),
            new SegmentBatch(2, 4, Tape.MADE_AGAIN),
            new SegmentBatch(4, 6, Tape.MADE_AGAIN),
            new SegmentBatch(6, 8, Tape.MADE_AGAIN),
            new SegmentBatch(8, 9, Tape.MADE_AGAIN));
    assertThat(SegmentBatch.ofSequence(FOUR, EXACT, 9, 0))
        .hasSize(9)
        .allMatch(batch -> batch.tape() == Tape.MADE_AGAIN);
  }

  @Test
  void aCpuTakesOneAtATime() {
    assertThat(SegmentBatch.ofSequence(ONE, EXACT, 9, 3))
        .hasSize(9)
        .allMatch(batch -> batch.to() == batch.from() + 1)
        .allMatch(batch -> (batch.tape() == Tape.KEPT) == batch.from() < 3);
  }

  /** Their memories go through the transfer head at once, whatever the memory for graphs. */
  @Test
  void segmentsThatAreNotBackPropagatedAreBatchesOfTheirOwn() {
    PairWeights weights =
        PairWeights.ofReservoir(
            List.of(Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), Set.of(4), Set.of()), 1);
    assertThat(SegmentBatch.ofSequence(FOUR, weights, 6, 0))
        .containsExactly(
            new SegmentBatch(0, 4, Tape.NONE),
            new SegmentBatch(4, 5, Tape.MADE_AGAIN),
            new SegmentBatch(5, 6, Tape.NONE));
  }

  @Test
  void aChunkTakesItsOwnSegmentsAndKeepsNoTape() {
    assertThat(SegmentBatch.ofChunk(FOUR, EXACT, new SequenceChunk(2, 8, 10), 3))
        .containsExactly(
            new SegmentBatch(2, 5, Tape.MADE_AGAIN), new SegmentBatch(5, 8, Tape.MADE_AGAIN));
    // The last segment of the sequence has no memory.
    assertThat(SegmentBatch.ofChunk(FOUR, EXACT, new SequenceChunk(8, 10, 10), 3))
        .containsExactly(new SegmentBatch(8, 9, Tape.MADE_AGAIN));
    assertThat(SegmentBatch.ofChunk(FOUR, EXACT, new SequenceChunk(9, 10, 10), 3)).isEmpty();
  }

  @Test
  void batchesAreAllSegmentsOnceAndNoneMixesTapes() {
    for (int seed = 0; seed < 50; seed++) {
      PairWeights weights =
          new Estimator.Sampled(1 + seed % 9).draw(12, new SplittableRandom(seed));
      List<Integer> segments = new ArrayList<>();
      Set<Integer> backPropagated = new TreeSet<>();
      for (SegmentBatch batch : SegmentBatch.ofSequence(FOUR, weights, 11, seed % 4)) {
        assertThat(batch.to() - batch.from()).isBetween(1, 4);
        for (int s = batch.from(); s < batch.to(); s++) {
          segments.add(s);
          if (batch.tape() != Tape.NONE) {
            backPropagated.add(s);
          }
        }
      }
      assertThat(segments).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
      assertThat(segments).allMatch(s -> backPropagated.contains(s) == weights.differentiates(s));
    }
  }
}
