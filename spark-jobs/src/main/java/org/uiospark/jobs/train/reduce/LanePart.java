package org.uiospark.jobs.train.reduce;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Iterator;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import scala.Tuple2;

/**
 * What a lane leaves: a shard of its gradient, its report, or what another lane of its sequence
 * wants of it.
 *
 * @param number that goes with it: of a shard the valid labels of its lane, whose sum over the
 *     lanes divides the sum of the gradients
 * @param source of its bytes, asked when they leave
 */
public record LanePart(long number, Supplier<ByteBuffer> source) {
  /**
   * @param bytes float32 values, little-endian, or a report
   */
  public LanePart(long number, ByteBuffer bytes) {
    this(number, () -> bytes);
  }

  /** Float32 values, little-endian, or a report. */
  public ByteBuffer bytes() {
    return source.get();
  }

  /**
   * All parts of a lane, by their {@link LaneKey}. They share the memory of the gradient, and are
   * made while they are read.
   *
   * @param lanes of the step
   * @param report what the lane tells of itself, apart from its gradient: a few bytes
   * @param gradient float32 values in the order of this machine's bytes
   */
  public static Iterator<Tuple2<Integer, LanePart>> of(
      int lanes, int lane, byte[] report, long validLabels, ByteBuffer gradient) {
    LaneKey key = new LaneKey(new Shards(gradient.remaining() / Float.BYTES), lanes);
    Shards shards = key.shards();
    return Stream.concat(
            Stream.of(ofReport(key, lane, report)),
            IntStream.range(0, shards.count())
                .mapToObj(
                    shard ->
                        new Tuple2<>(
                            key.ofShard(shard, lane),
                            new LanePart(
                                validLabels,
                                gradient.slice(
                                    shards.from(shard) * Float.BYTES,
                                    shards.length(shard) * Float.BYTES)))))
        .iterator();
  }

  /**
   * The only part of a lane that has no gradient of any use.
   *
   * @param size values of the gradient
   */
  public static Iterator<Tuple2<Integer, LanePart>> without(
      int size, int lanes, int lane, byte[] report) {
    return Stream.of(ofReport(new LaneKey(new Shards(size), lanes), lane, report)).iterator();
  }

  private static Tuple2<Integer, LanePart> ofReport(LaneKey key, int lane, byte[] report) {
    return new Tuple2<>(key.ofReport(lane), new LanePart(0, ByteBuffer.wrap(report)));
  }

  /** The values of a shard. */
  FloatBuffer values() {
    return bytes().slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }
}
