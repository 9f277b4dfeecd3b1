package org.uiospark.jobs.train.reduce;

import java.io.Serializable;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.uiospark.jobs.exchange.LanePart;
import org.uiospark.jobs.exchange.RawSerializer;
import org.uiospark.model.optim.Chunks;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * Lanes whose parts the driver takes: the only stage gives those of each lane, and the driver adds
 * its shards side by side.
 */
final class CollectedLanes extends AbstractFunction2<Object, byte[], BoxedUnit> {
  private final LaneKey key;
  private final OrderedReduce reduce;
  private final LanePart[][] parts;

  /**
   * @param reduce told of every shard and report
   */
  CollectedLanes(LaneKey key, OrderedReduce reduce) {
    this.key = key;
    this.reduce = reduce;
    // Those of a partition of the shuffle, by lane; null where a lane has none.
    this.parts = new LanePart[key.numPartitions()][key.lanes()];
  }

  /** Runs the stage, and adds. */
  void run(RDD<Tuple2<Integer, LanePart>> lanes) {
    lanes.context().runJob(lanes, new Task(), this, ClassTag$.MODULE$.apply(byte[].class));
    reduce.taken();
    for (LanePart report : parts[key.shards().count()]) {
      reduce.report(report.bytes());
    }
    Chunks.forEach(key.shards().size(), (from, to) -> reduce.sum(from, to, sum -> add(sum, from)));
  }

  private void add(ShardSum sum, int from) {
    int shard = key.shards().of(from);
    for (int lane = 0; lane < key.lanes(); lane++) {
      if (parts[shard][lane] != null) {
        sum.add(lane, parts[shard][lane], from - key.shards().from(shard));
      }
    }
  }

  /** Takes what the task of a lane gives; Spark calls it from one thread at a time. */
  @Override
  public BoxedUnit apply(Object lane, byte[] result) {
    RawSerializer.decode(
        result, (partKey, part) -> parts[key.getPartition(partKey)][key.lane(partKey)] = part);
    return BoxedUnit.UNIT;
  }

  /** Before the task ends: then its device takes the memory of the parts back. */
  private static final class Task
      extends AbstractFunction2<TaskContext, Iterator<Tuple2<Integer, LanePart>>, byte[]>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    @Override
    public byte[] apply(TaskContext context, Iterator<Tuple2<Integer, LanePart>> parts) {
      return RawSerializer.encode(parts);
    }
  }
}
