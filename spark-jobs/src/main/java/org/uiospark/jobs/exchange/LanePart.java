package org.uiospark.jobs.exchange;

import java.nio.ByteBuffer;
import java.util.function.Supplier;

/**
 * What a lane leaves: a shard of its gradient, its report, its memories, or what another lane of
 * its sequence wants of it.
 *
 * @param number that goes with it: of a shard the valid labels of its lane, whose sum over the
 *     lanes divides the sum of the gradients
 * @param source of its bytes, asked when they leave
 */
public record LanePart(long number, Supplier<ByteBuffer> source) {
  /**
   * @param bytes that are there already
   */
  public LanePart(long number, ByteBuffer bytes) {
    this(number, () -> bytes);
  }

  /** Its bytes, made now where they are made late. */
  public ByteBuffer bytes() {
    return source.get();
  }
}
