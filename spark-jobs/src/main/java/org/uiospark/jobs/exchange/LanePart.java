package org.uiospark.jobs.exchange;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.apache.spark.util.KnownSizeEstimation;
import org.uiospark.model.input.InvalidInputException;

/**
 * What a lane leaves: a shard of its gradient, its report, its memories, or what another lane of
 * its sequence wants of it.
 *
 * @param number that goes with it: of a shard the valid labels of its lane, whose sum over the
 *     lanes divides the sum of the gradients
 * @param source of its bytes, asked when they leave
 */
public record LanePart(long number, Supplier<ByteBuffer> source) implements KnownSizeEstimation {
  /** The number of a part that says why its lane left nothing else. */
  private static final long REFUSED = -1;

  /**
   * @param bytes that are there already
   */
  public LanePart(long number, ByteBuffer bytes) {
    this(number, new Held(bytes));
  }

  /** Bytes that are there already. */
  private record Held(ByteBuffer get) implements Supplier<ByteBuffer> {}

  /** What a lane leaves whose input cannot be used. */
  public static LanePart refused(String why) {
    return new LanePart(REFUSED, ByteBuffer.wrap(why.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * The bytes of a part that was taken from another lane.
   *
   * @throws InvalidInputException if that one could not use its input
   */
  public byte[] array() {
    byte[] array = bytes().array();
    if (number == REFUSED) {
      throw new InvalidInputException(new String(array, StandardCharsets.UTF_8));
    }
    return array;
  }

  /** Its bytes, made now where they are made late. */
  public ByteBuffer bytes() {
    return source.get();
  }

  /**
   * Bytes that it holds on the heap: of many parts that it sorts Spark spills those for which there
   * is no room. By itself it would walk from the source of late ones through all that it refers to.
   */
  @Override
  public long estimatedSize() {
    boolean onHeap = source instanceof Held held && held.get().hasArray();
    return Long.BYTES + (onHeap ? bytes().remaining() : 0);
  }
}
