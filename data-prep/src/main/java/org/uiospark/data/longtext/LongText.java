package org.uiospark.data.longtext;

import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;
import org.uiospark.data.source.Slice;

/**
 * A text that is cut into parts.
 *
 * @param shard that it makes up
 * @param slice all of its file
 * @param partBytes from the start of one part to that of the next, before cuts are moved to where a
 *     text may be cut
 */
public record LongText(int shard, Slice slice, long partBytes) implements Serializable {
  /** About a second of a core: less is not worth a task. */
  private static final long SMALLEST_PART = 2 << 20;

  private static final int FEWEST_PARTS = 4;

  /**
   * A part of a long text.
   *
   * @param number from 0
   */
  public record Part(LongText text, int number) implements Serializable {
    boolean isFirst() {
      return number == 0;
    }
  }

  /**
   * A text of a shard.
   *
   * @param shardBytes bytes of input that make one output file
   */
  public static LongText of(int shard, Slice slice, long shardBytes) {
    return new LongText(shard, slice, Math.max(SMALLEST_PART, shardBytes));
  }

  /** Whether it is plain text of more than four parts; what is packed has no middle to begin at. */
  public boolean isLong() {
    return slice.plainText() && slice.bytes() > FEWEST_PARTS * partBytes;
  }

  /** Its parts, in order. */
  public List<Part> parts() {
    return IntStream.range(0, count()).mapToObj(number -> new Part(this, number)).toList();
  }

  int count() {
    return Math.toIntExact((slice.bytes() + partBytes - 1) / partBytes);
  }

  /** The byte from which on the cut before a part is looked for. */
  long boundary(int part) {
    return Math.min(part * partBytes, slice.bytes());
  }
}
