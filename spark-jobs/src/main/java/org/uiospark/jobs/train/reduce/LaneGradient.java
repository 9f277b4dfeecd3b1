package org.uiospark.jobs.train.reduce;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.uiospark.jobs.exchange.LanePart;
import scala.Tuple2;

/** What a lane leaves for the reduce: the shards of its gradient, and its report. */
public final class LaneGradient {
  private LaneGradient() {}

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
}
