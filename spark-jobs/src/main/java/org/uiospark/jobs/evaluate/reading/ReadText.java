package org.uiospark.jobs.evaluate.reading;

import java.io.Serializable;
import java.util.List;
import org.uiospark.model.gradient.SequenceChunk;

/**
 * A sequence that is to be read.
 *
 * @param index in the data set
 * @param segments that it has
 * @param target segment that is read behind fewer memories, too
 * @param counts of those memories, the right ones before it, ascending from 1; empty for none
 */
public record ReadText(long index, int segments, int target, List<Integer> counts)
    implements Serializable {
  /** Segments of a chunk on average. It is no setting: how a text is cut follows from the text. */
  private static final int CHUNK_SEGMENTS = 16;

  /** Keeps an immutable copy. */
  public ReadText {
    counts = List.copyOf(counts);
  }

  /** A sequence of which no segment is read twice. */
  public static ReadText of(long index, int segments) {
    return new ReadText(index, segments, 0, List.of());
  }

  /** Into how many chunks it is cut; that follows from its length alone. */
  public int chunks() {
    return SequenceChunk.count(segments, CHUNK_SEGMENTS);
  }

  /** Whether the memory of a segment stands behind the target in the place of another one. */
  boolean recalls(int segment) {
    return !counts.isEmpty()
        && segment < target
        && segment >= target - counts.get(counts.size() - 1);
  }
}
