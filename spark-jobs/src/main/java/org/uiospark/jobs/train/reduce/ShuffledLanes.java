package org.uiospark.jobs.train.reduce;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.rdd.ShuffledRDD;
import org.uiospark.jobs.exchange.LanePart;
import org.uiospark.jobs.exchange.RawShuffle;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.math.Ordering$;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * Lanes whose parts cross the cluster: each lane leaves its shards in Spark's shuffle, a second
 * stage adds each shard over the lanes, and the driver receives each shard once.
 */
final class ShuffledLanes extends AbstractFunction2<Object, byte[], BoxedUnit> {
  private static final ClassTag<byte[]> RESULTS = ClassTag$.MODULE$.apply(byte[].class);

  private final LaneKey key;
  private final OrderedReduce reduce;

  /**
   * @param reduce told of every shard and report
   */
  ShuffledLanes(LaneKey key, OrderedReduce reduce) {
    this.key = key;
    this.reduce = reduce;
  }

  /** Runs both stages. */
  void run(RDD<Tuple2<Integer, LanePart>> parts) {
    ShuffledRDD<Integer, LanePart, LanePart> byShard =
        RawShuffle.of(parts, key)
            .setKeyOrdering(
                Ordering$.MODULE$.comparatorToOrdering(Comparator.<Integer>naturalOrder()));
    try {
      byShard.context().runJob(byShard, new Task(key), this, RESULTS);
    } finally {
      RawShuffle.forget(
          byShard.context(), (ShuffleDependency<?, ?, ?>) byShard.dependencies().head());
    }
  }

  /** Takes what a task of the second stage gives; Spark calls it from one thread at a time. */
  @Override
  public BoxedUnit apply(Object partition, byte[] result) {
    ByteBuffer bytes = ByteBuffer.wrap(result).order(ByteOrder.LITTLE_ENDIAN);
    if (key.isOfReports((Integer) partition)) {
      while (bytes.hasRemaining()) {
        int length = bytes.getInt();
        reduce.report(bytes.slice(bytes.position(), length));
        bytes.position(bytes.position() + length);
      }
    } else {
      reduce.place((Integer) partition, bytes);
    }
    return BoxedUnit.UNIT;
  }

  /** What the second stage does with its partition. */
  private static final class Task
      extends AbstractFunction2<TaskContext, Iterator<Tuple2<Integer, LanePart>>, byte[]>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    private final LaneKey key;

    Task(LaneKey key) {
      this.key = key;
    }

    @Override
    public byte[] apply(TaskContext context, Iterator<Tuple2<Integer, LanePart>> parts) {
      int partition = context.partitionId();
      return key.isOfReports(partition) ? reports(parts) : sum(partition, parts);
    }

    private byte[] sum(int shard, Iterator<Tuple2<Integer, LanePart>> parts) {
      int length = key.shards().length(shard);
      ShardSum sum = new ShardSum(new float[length], 0, length);
      while (parts.hasNext()) {
        Tuple2<Integer, LanePart> part = parts.next();
        sum.add(key.lane(part._1()), part._2(), 0);
      }
      sum.divide();
      return sum.encode();
    }

    private static byte[] reports(Iterator<Tuple2<Integer, LanePart>> parts) {
      List<ByteBuffer> reports = new ArrayList<>();
      int length = 0;
      while (parts.hasNext()) {
        ByteBuffer report = parts.next()._2().bytes();
        reports.add(report);
        length += Integer.BYTES + report.remaining();
      }
      ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
      reports.forEach(report -> bytes.putInt(report.remaining()).put(report));
      return bytes.array();
    }
  }
}
