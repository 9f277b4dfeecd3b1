package org.uiospark.jobs.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.uiospark.model.gradient.SequenceChunk;

/**
 * Bytes that the n chunks of a sequence leave for each other in a step, and take. With {@code r_i}
 * memory tokens in chunk i, b bytes a weight and L layers of keys and values of width K:
 *
 * <ul>
 *   <li>encode leaves {@code 2 L K b r_i} a chunk;
 *   <li>decode of chunk i takes those of all chunks up to its own, but an executor takes each once:
 *       of E executors with a task at a time, each ends with one of the last {@code min(n, E)}
 *       chunks, and has taken what that one needs;
 *   <li>decode of chunk i leaves the gradient towards each of those, {@code 2 L K 4 r_j} for chunk
 *       j, or twice that where the estimator weighs pairs of a memory differently;
 *   <li>back of chunk j takes what the {@code n - j} chunks from its own on left for it.
 * </ul>
 *
 * <p>Tasks fall as they come, so of all that is taken a share of {@code 1 / E} is on the executor
 * already and the rest crosses the network.
 *
 * @param ends memory tokens up to the end of each chunk
 * @param row bytes of keys and values of a memory token
 * @param gradientRow bytes of the gradient towards them
 */
public record ChunkTraffic(List<Long> ends, long row, long gradientRow) {
  /**
   * The traffic of a sequence.
   *
   * @param memoryTokens of a segment
   */
  public static ChunkTraffic of(
      List<SequenceChunk> chunks, int memoryTokens, long row, long gradientRow) {
    List<Long> ends = new ArrayList<>();
    for (SequenceChunk chunk : chunks) {
      ends.add((chunk.from() + (long) chunk.memories()) * memoryTokens);
    }
    return new ChunkTraffic(ends, row, gradientRow);
  }

  /** Number of chunks, n. */
  public int chunks() {
    return ends.size();
  }

  /** Encoding a chunk leaves so much. */
  long encodeLeaves(int chunk) {
    return rows(chunk) * row;
  }

  /** Decoding a chunk needs so much of that. */
  long decodeTakes(int chunk) {
    return ends.get(chunk) * row;
  }

  /** Decoding a chunk leaves so much. */
  long decodeLeaves(int chunk) {
    return ends.get(chunk) * gradientRow;
  }

  /** Going back through a chunk needs so much of that. */
  long backTakes(int chunk) {
    return rows(chunk) * (chunks() - chunk) * gradientRow;
  }

  /** All that encoding leaves. */
  public long encodeLeaves() {
    return sum(0, this::encodeLeaves);
  }

  /** All that decoding leaves. */
  public long decodeLeaves() {
    return sum(0, this::decodeLeaves);
  }

  /** Bytes over the network that all of so many executors together decode with. */
  public double decodeFetches(int executors) {
    return sum(Math.max(0, chunks() - executors), this::decodeTakes) * remote(executors);
  }

  /** Bytes over the network that all of so many executors together go back with. */
  public double backFetches(int executors) {
    return sum(0, this::backTakes) * remote(executors);
  }

  /** Share of what is taken that another executor left. */
  static double remote(int executors) {
    return 1 - 1.0 / executors;
  }

  private long rows(int chunk) {
    return ends.get(chunk) - (chunk == 0 ? 0 : ends.get(chunk - 1));
  }

  private long sum(int from, IntToLongFunction bytes) {
    return IntStream.range(from, chunks()).mapToLong(bytes).sum();
  }
}
