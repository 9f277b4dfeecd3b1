package org.uiospark.model.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.model.cost.SegmentCost;

class SequenceChunkTest {

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "16, 16, 1", "17, 16, 2", "128, 32, 4", "2048, 8, 256", "5, 1, 5"})
  void thereAreAsManyAsTheirSizeGoesIntoTheSequenceAndTheyCoverItOnce(
      int segments, int size, int count) {
    List<SequenceChunk> chunks =
        SequenceChunk.cut(segments, SequenceChunk.count(segments, size), new SegmentCost(10, 3));
    assertThat(chunks).hasSize(count);
    int next = 0;
    for (SequenceChunk chunk : chunks) {
      assertThat(chunk.from()).isEqualTo(next);
      assertThat(chunk.segments()).isEqualTo(segments);
      next = chunk.to();
    }
    assertThat(next).isEqualTo(segments);
  }

  @Test
  void laterChunksHoldFewerSegmentsOfTheSameCost() {
    SegmentCost cost = new SegmentCost(1000, 100);
    List<SequenceChunk> chunks = SequenceChunk.cut(1000, 8, cost);
    for (int i = 1; i < chunks.size(); i++) {
      assertThat(size(chunks.get(i))).isLessThanOrEqualTo(size(chunks.get(i - 1)));
    }
    assertThat(size(chunks.get(0))).isGreaterThan(3 * size(chunks.get(7)));
    for (SequenceChunk chunk : chunks) {
      double share = (cost.ofFirst(chunk.to()) - cost.ofFirst(chunk.from())) / cost.ofFirst(1000);
      assertThat(share).isBetween(0.12, 0.13);
    }
  }

  @Test
  void theLastSegmentHasNoMemory() {
    List<SequenceChunk> chunks = SequenceChunk.cut(4, 4, new SegmentCost(1, 0));
    assertThat(chunks).extracting(SequenceChunk::memories).containsExactly(1, 1, 1, 0);
  }

  private static int size(SequenceChunk chunk) {
    return chunk.to() - chunk.from();
  }
}
