package org.uiospark.jobs.plan;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.uiospark.jobs.settings.EstimatorSettings;
import org.uiospark.model.cost.MemoryCount;
import org.uiospark.model.cost.SegmentCost;
import org.uiospark.model.estimator.KeyedRandom;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.gradient.SequenceChunk;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.segment.SegmentSettings;

/**
 * How sequences are cut into chunks. What a chunk leaves for another, the gradient towards its
 * memories, travels as one array of Java, which has to hold it.
 *
 * @param segments of the longest sequence, T
 * @param memoryTokens of a segment, m
 * @param gradientRow bytes of the gradient towards a memory token
 * @param cost of a segment
 */
public record ChunkCut(int segments, int memoryTokens, long gradientRow, SegmentCost cost) {
  /** Some virtual machines keep a few words of an array for themselves. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - 8L;

  private static final int DRAWS = 8;

  /**
   * The cut of sequences of up to so many segments.
   *
   * @param rank of the adapter
   */
  public static ChunkCut of(
      LlamaConfig model,
      int rank,
      SegmentSettings settings,
      EstimatorSettings estimator,
      int segments) {
    long gradientRow =
        draws(estimator, segments)
            .mapToLong(weights -> MemoryCount.gradientRow(model, weights))
            .max()
            .orElseThrow();
    return new ChunkCut(
        segments, settings.memoryTokens(), gradientRow, SegmentCost.of(model, rank, settings));
  }

  /** What an estimator may draw. */
  static Stream<PairWeights> draws(EstimatorSettings estimator, int segments) {
    return IntStream.range(0, DRAWS)
        .mapToObj(draw -> estimator.estimator().draw(segments, KeyedRandom.of(0, 0, draw)));
  }

  /**
   * Chunks of the longest sequence.
   *
   * @param chunkSegments segments of a chunk on average, 0 for a whole sequence
   */
  public int count(int chunkSegments) {
    return chunkSegments == 0 ? 1 : SequenceChunk.count(segments, chunkSegments);
  }

  /** Those chunks themselves. */
  public List<SequenceChunk> chunks(int chunkSegments) {
    return chunks(segments, chunkSegments);
  }

  private List<SequenceChunk> chunks(int sequence, int chunkSegments) {
    return SequenceChunk.cut(sequence, SequenceChunk.count(sequence, chunkSegments), cost);
  }

  /**
   * Bytes of the largest part that a chunk leaves for another, of any sequence up to the longest.
   */
  public long largestPart(int chunkSegments) {
    if (count(chunkSegments) == 1) {
      return 0;
    }
    // Chunks are largest where the sequence has so many segments for each.
    return Stream.of(segments, segments / chunkSegments * chunkSegments)
        .map(sequence -> chunks(sequence, chunkSegments))
        .filter(chunks -> chunks.size() > 1)
        .flatMap(List::stream)
        .map(chunk -> (long) chunk.memories() * memoryTokens * gradientRow)
        .max(Comparator.naturalOrder())
        .orElse(0L);
  }

  /**
   * Makes sure that every part can travel.
   *
   * @param section of the setting: train or plan
   * @throws InvalidInputException naming the largest value that works
   */
  public void requireParts(String section, int chunkSegments) {
    long part = largestPart(chunkSegments);
    if (part > MOST_BYTES) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s.chunk-segments = %d is too large: the gradient towards the memories of a chunk has up to %,d bytes, and 2 GiB is the most that travels at once; %s",
              section,
              chunkSegments,
              part,
              largestThatWorks(chunkSegments)));
    }
  }

  private String largestThatWorks(int chunkSegments) {
    long most = Math.min(chunkSegments - 1L, MOST_BYTES / (memoryTokens * gradientRow));
    return IntStream.iterate((int) most, fewer -> fewer >= 1, fewer -> fewer - 1)
        .filter(fewer -> largestPart(fewer) <= MOST_BYTES)
        .mapToObj(fewer -> "give at most " + fewer)
        .findFirst()
        .orElse("lower --memory-tokens");
  }
}
