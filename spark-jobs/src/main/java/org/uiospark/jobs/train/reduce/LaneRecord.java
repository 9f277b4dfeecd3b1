package org.uiospark.jobs.train.reduce;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Iterator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.Partitioner;
import scala.Tuple2;

/**
 * What a lane writes to the shuffle: its report, and a record for each shard of its gradient. The
 * key says both which partition a record goes to and, within it, the place of its lane, so that
 * records sorted by key come in the order of the lanes.
 */
public final class LaneRecord {
  /** Where the gradient of a record begins: its valid labels stand before it. */
  static final int HEADER = Long.BYTES;

  private LaneRecord() {}

  /**
   * The records of a lane. Those of its gradient are made while they are read, one at a time.
   *
   * @param lanes of the step
   * @param report what the lane tells of itself, apart from its gradient: a few bytes
   * @param validLabels of the lane: the sum over lanes divides the sum of gradients
   * @param gradient the whole of it
   */
  public static Iterator<Tuple2<Integer, ByteBuffer>> of(
      int lanes, int lane, byte[] report, long validLabels, FloatBuffer gradient) {
    Shards shards = new Shards(gradient.remaining());
    return Stream.concat(
            Stream.of(ofReport(shards, lanes, lane, report)),
            IntStream.range(0, shards.count())
                .mapToObj(
                    shard ->
                        new Tuple2<>(
                            shard * lanes + lane, ofShard(shards, shard, validLabels, gradient))))
        .iterator();
  }

  /**
   * The only record of a lane that has no gradient of any use.
   *
   * @param size values of the gradient
   */
  public static Iterator<Tuple2<Integer, ByteBuffer>> without(
      int size, int lanes, int lane, byte[] report) {
    return Stream.of(ofReport(new Shards(size), lanes, lane, report)).iterator();
  }

  private static Tuple2<Integer, ByteBuffer> ofReport(
      Shards shards, int lanes, int lane, byte[] report) {
    return new Tuple2<>(shards.count() * lanes + lane, ByteBuffer.wrap(report));
  }

  private static ByteBuffer ofShard(
      Shards shards, int shard, long validLabels, FloatBuffer gradient) {
    int from = shards.from(shard);
    int count = shards.to(shard) - from;
    ByteBuffer bytes =
        ByteBuffer.allocate(HEADER + count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(0, validLabels);
    bytes
        .slice(HEADER, count * Float.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .put(0, gradient, gradient.position() + from, count);
    return bytes;
  }

  /** Sends shard s to partition s, and reports to the one behind the last shard. */
  static final class Partitions extends Partitioner {
    private static final long serialVersionUID = 1L;

    private final int count;
    private final int lanes;

    Partitions(Shards shards, int lanes) {
      this.count = shards.count() + 1;
      this.lanes = lanes;
    }

    @Override
    public int numPartitions() {
      return count;
    }

    @Override
    public int getPartition(Object key) {
      return (Integer) key / lanes;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Partitions that && that.count == count && that.lanes == lanes;
    }

    @Override
    public int hashCode() {
      return 31 * count + lanes;
    }
  }
}
