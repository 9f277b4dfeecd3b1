package org.uiospark.jobs.train.reduce;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.ShuffledRDD;
import org.uiospark.model.optim.Chunks;
import org.uiospark.model.optim.GradientNorm;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.math.Ordering$;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * Adds the gradients of the lanes of one step in their order, however the cluster runs them: each
 * lane leaves its shards in Spark's shuffle, a second stage adds each shard over the lanes, and the
 * driver receives each shard once. There is no barrier: what a lost executor held is computed
 * again, in either stage.
 */
public final class OrderedReduce extends AbstractFunction2<Object, byte[], BoxedUnit> {
  private static final ClassTag<Integer> KEYS = ClassTag$.MODULE$.apply(Integer.class);
  private static final ClassTag<LanePart> VALUES = ClassTag$.MODULE$.apply(LanePart.class);
  private static final ClassTag<byte[]> RESULTS = ClassTag$.MODULE$.apply(byte[].class);

  private final LaneKey key;
  private final float[] gradient;
  private final double[] squares;
  private final List<byte[]> reports = new ArrayList<>();
  private int useless = Integer.MAX_VALUE;

  /**
   * @param lanes of the step
   * @param gradient filled with the mean
   */
  public OrderedReduce(int lanes, float[] gradient) {
    this.key = new LaneKey(new Shards(gradient.length), lanes);
    this.gradient = gradient;
    this.squares = new double[Chunks.count(gradient.length)];
  }

  /**
   * Runs both stages.
   *
   * @param parts those of each lane, a partition a lane
   * @return this
   */
  public OrderedReduce run(JavaRDD<Tuple2<Integer, LanePart>> parts) {
    ShuffledRDD<Integer, LanePart, LanePart> byShard =
        new ShuffledRDD<Integer, LanePart, LanePart>(parts.rdd(), key, KEYS, VALUES, VALUES)
            .setSerializer(new RawSerializer())
            .setKeyOrdering(
                Ordering$.MODULE$.comparatorToOrdering(Comparator.<Integer>naturalOrder()));
    SparkContext spark = byShard.context();
    try {
      spark.runJob(byShard, new Task(key), this, RESULTS);
    } finally {
      forget(byShard);
    }
    return this;
  }

  /** The collector would find the files of the lanes some day; the next step needs their room. */
  private static void forget(ShuffledRDD<Integer, LanePart, LanePart> byShard) {
    int shuffle =
        ((org.apache.spark.ShuffleDependency<?, ?, ?>) byShard.dependencies().head()).shuffleId();
    byShard.context().cleaner().foreach(cleaner -> clean(cleaner, shuffle));
  }

  private static Object clean(org.apache.spark.ContextCleaner cleaner, int shuffle) {
    cleaner.doCleanupShuffle(shuffle, true);
    return BoxedUnit.UNIT;
  }

  /** Takes what a task of the second stage gives; Spark calls it from one thread at a time. */
  @Override
  public BoxedUnit apply(Object partition, byte[] result) {
    ByteBuffer bytes = ByteBuffer.wrap(result).order(ByteOrder.LITTLE_ENDIAN);
    if (key.isOfReports((Integer) partition)) {
      while (bytes.hasRemaining()) {
        byte[] report = new byte[bytes.getInt()];
        bytes.get(report);
        reports.add(report);
      }
    } else {
      place((Integer) partition, bytes);
    }
    return BoxedUnit.UNIT;
  }

  private void place(int shard, ByteBuffer bytes) {
    int lane = bytes.getInt();
    if (lane != ShardSum.NONE) {
      useless = Math.min(useless, lane);
    }
    int from = key.shards().from(shard);
    int count = key.shards().length(shard);
    int chunks = Chunks.count(count);
    bytes.asDoubleBuffer().get(squares, from / Chunks.SIZE, chunks);
    bytes.position(bytes.position() + chunks * Double.BYTES);
    bytes.asFloatBuffer().get(gradient, from, count);
  }

  /** What each lane told of itself, in the order of the lanes. */
  public List<byte[]> reports() {
    return reports;
  }

  /** The first lane whose gradient is not finite; empty where all are. */
  public OptionalInt uselessLane() {
    return useless == Integer.MAX_VALUE ? OptionalInt.empty() : OptionalInt.of(useless);
  }

  /**
   * The Euclidean norm of the mean, with the bits of {@link GradientNorm#of}; not finite if a value
   * is not.
   */
  public double norm() {
    return GradientNorm.of(squares);
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
      ShardSum sum = new ShardSum(key.shards().length(shard));
      while (parts.hasNext()) {
        Tuple2<Integer, LanePart> part = parts.next();
        sum.add(key.lane(part._1()), part._2());
      }
      return sum.mean();
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
