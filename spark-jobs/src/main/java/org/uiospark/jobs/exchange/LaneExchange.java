package org.uiospark.jobs.exchange;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.Dependency;
import org.apache.spark.Partition;
import org.apache.spark.Partitioner;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.rdd.ShuffledRDD;
import scala.Product2;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;

/**
 * What the lanes of one stage leave for those of the next, over Spark's shuffle. A lane takes what
 * it wants when it wants it, from one lane at a time: nothing is held, and nothing is sorted. What
 * an executor that is lost has left is computed again.
 */
public final class LaneExchange {
  private final ShuffleDependency<Integer, LanePart, LanePart> shuffle;
  private final JavaRDD<Inbox> inboxes;

  /**
   * @param left by each lane, a partition a lane: parts, and for which lane each is
   */
  public LaneExchange(JavaRDD<Tuple2<Integer, LanePart>> left) {
    this.shuffle = shuffle(left);
    this.inboxes =
        JavaRDD.fromRDD(
            new Inboxes(left.rdd(), shuffle, left.getNumPartitions()),
            ClassTag$.MODULE$.apply(Inbox.class));
  }

  private static ShuffleDependency<Integer, LanePart, LanePart> shuffle(
      JavaRDD<Tuple2<Integer, LanePart>> left) {
    ShuffledRDD<Integer, LanePart, LanePart> byLane =
        RawShuffle.of(left.rdd(), new ByLane(left.getNumPartitions()));
    @SuppressWarnings("unchecked")
    ShuffleDependency<Integer, LanePart, LanePart> dependency =
        (ShuffleDependency<Integer, LanePart, LanePart>) byLane.dependencies().head();
    return dependency;
  }

  /** One for each lane, a partition a lane. */
  public JavaRDD<Inbox> inboxes() {
    return inboxes;
  }

  /** Deletes what was left, once nobody will ask for it. */
  public void forget() {
    RawShuffle.forget(inboxes.rdd().context(), shuffle);
  }

  /** What the lane of a task may take. */
  public static final class Inbox {
    private final ShuffleDependency<Integer, LanePart, LanePart> shuffle;
    private final TaskContext context;

    private Inbox(ShuffleDependency<Integer, LanePart, LanePart> shuffle, TaskContext context) {
      this.shuffle = shuffle;
      this.context = context;
    }

    /**
     * The one part that a lane left.
     *
     * @param from the lane that left it
     * @param to the lane that it is for
     */
    public LanePart one(int from, int to) {
      Iterator<LanePart> parts = take(from, to);
      LanePart one = parts.next();
      // Only at its end Spark lets go of what it has fetched.
      if (parts.hasNext()) {
        throw new IllegalStateException("lane " + from + " left more than one part for " + to);
      }
      return one;
    }

    /**
     * What a lane left, to be taken to its end.
     *
     * @param from the lane that left it
     * @param to the lane that it is for
     * @return its parts in the order in which they were left; each lives on the heap
     */
    public Iterator<LanePart> take(int from, int to) {
      scala.collection.Iterator<Product2<Integer, LanePart>> parts =
          SparkEnv.get()
              .shuffleManager()
              .<Integer, LanePart>getReader(
                  shuffle.shuffleHandle(),
                  from,
                  from + 1,
                  to,
                  to + 1,
                  context,
                  context.taskMetrics().createTempShuffleReadMetrics())
              .read();
      return CollectionConverters.asJava(parts.map(part -> part._2()));
    }
  }

  private static final class Inboxes extends RDD<Inbox> {
    private static final long serialVersionUID = 1L;

    private final ShuffleDependency<Integer, LanePart, LanePart> shuffle;
    private final int lanes;

    Inboxes(RDD<?> left, ShuffleDependency<Integer, LanePart, LanePart> shuffle, int lanes) {
      super(
          left.context(),
          CollectionConverters.<Dependency<?>>asScala(List.<Dependency<?>>of(shuffle)).toSeq(),
          ClassTag$.MODULE$.apply(Inbox.class));
      this.shuffle = shuffle;
      this.lanes = lanes;
    }

    @Override
    public scala.collection.Iterator<Inbox> compute(Partition lane, TaskContext context) {
      return CollectionConverters.asScala(List.of(new Inbox(shuffle, context)).iterator());
    }

    @Override
    public Partition[] getPartitions() {
      Partition[] partitions = new Partition[lanes];
      for (int i = 0; i < lanes; i++) {
        partitions[i] = new LanePartition(i);
      }
      return partitions;
    }
  }

  private record LanePartition(int index) implements Partition, Serializable {}

  /** The key of a part is the lane that it is for. */
  private static final class ByLane extends Partitioner {
    private static final long serialVersionUID = 1L;

    private final int lanes;

    ByLane(int lanes) {
      this.lanes = lanes;
    }

    @Override
    public int numPartitions() {
      return lanes;
    }

    @Override
    public int getPartition(Object key) {
      return (Integer) key;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ByLane that && that.lanes == lanes;
    }

    @Override
    public int hashCode() {
      return lanes;
    }
  }
}
