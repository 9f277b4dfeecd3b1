package org.uiospark.model.gradient;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.uiospark.model.cost.SegmentCost;
import org.uiospark.model.kernel.MemoryModel;

/**
 * Some segments of a sequence, one after the other.
 *
 * @param from the first of them, counted from 0
 * @param to the one behind the last of them
 * @param segments of the whole sequence, T
 */
public record SequenceChunk(int from, int to, int segments) implements Serializable {

  /** Checks the bounds. */
  public SequenceChunk {
    if (from < 0 || to <= from || to > segments) {
      throw new IllegalArgumentException(from + " to " + to + " of " + segments);
    }
  }

  /**
   * Into how many chunks a sequence is cut.
   *
   * @param segments of the sequence, T
   * @param chunkSegments segments of a chunk on average, C
   */
  public static int count(int segments, int chunkSegments) {
    return (segments - 1) / chunkSegments + 1;
  }

  /**
   * Cuts a sequence into chunks of about the same number of operations: later segments are decoded
   * behind more memories, so later chunks hold fewer of them.
   *
   * @param segments of the sequence, T
   * @param count how many chunks
   * @param cost of the segments
   */
  public static List<SequenceChunk> cut(int segments, int count, SegmentCost cost) {
    double all = cost.ofFirst(segments);
    List<SequenceChunk> chunks = new ArrayList<>();
    int from = 0;
    for (int i = 1; i <= count; i++) {
      // What follows needs a segment a chunk at least.
      int last = segments - (count - i);
      int to = from + 1;
      while (to < last && cost.ofFirst(to) < all * i / count) {
        to++;
      }
      chunks.add(new SequenceChunk(from, i == count ? segments : to, segments));
      from = to;
    }
    return chunks;
  }

  /** The same for a model that is at hand. */
  public static List<SequenceChunk> cut(int segments, int count, MemoryModel model) {
    return cut(
        segments,
        count,
        SegmentCost.of(model.base().config(), model.shape().rank(), model.segments()));
  }

  /** How many of its segments have a memory: the last segment of a sequence is never encoded. */
  public int memories() {
    return Math.min(to, segments - 1) - from;
  }
}
