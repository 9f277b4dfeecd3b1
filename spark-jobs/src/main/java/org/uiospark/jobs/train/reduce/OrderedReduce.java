package org.uiospark.jobs.train.reduce;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaRDD;
import org.uiospark.jobs.exchange.LanePart;
import org.uiospark.model.optim.Chunks;
import org.uiospark.model.optim.GradientNorm;
import scala.Tuple2;

/**
 * Adds the gradients of the lanes of one step in their order, however the cluster runs them. The
 * parts of the lanes come together over Spark's shuffle ({@link ShuffledLanes}) or, where they are
 * small, on the driver ({@link CollectedLanes}); {@link ShardSum} adds them either way. There is no
 * barrier: what a lost executor held is computed again, in any stage.
 */
public final class OrderedReduce {
  private final LaneKey key;
  private final CollectSize collect;
  private final float[] gradient;
  private final double[] squares;
  private final List<byte[]> reports = new ArrayList<>();
  private OptionalLong takenAt = OptionalLong.empty();
  private int useless = Integer.MAX_VALUE;

  /**
   * @param lanes of the step
   * @param gradient filled with the mean
   * @param collect says whether the driver takes the lanes itself
   */
  public OrderedReduce(int lanes, float[] gradient, CollectSize collect) {
    this.key = new LaneKey(new Shards(gradient.length), lanes);
    this.collect = collect;
    this.gradient = gradient;
    this.squares = new double[Chunks.count(gradient.length)];
  }

  /**
   * Runs the Spark job.
   *
   * @param parts those of each lane, a partition a lane
   * @return this
   */
  public OrderedReduce run(JavaRDD<Tuple2<Integer, LanePart>> parts) {
    if (isOnDriver()) {
      new CollectedLanes(key, this).run(parts.rdd());
    } else {
      new ShuffledLanes(key, this).run(parts.rdd());
    }
    return this;
  }

  /** Whether the driver takes the lanes itself; else a stage adds them. */
  public boolean isOnDriver() {
    return collect.covers(key.lanes(), gradient.length);
  }

  /** The driver has taken all lanes, and adds them now. */
  void taken() {
    takenAt = OptionalLong.of(System.currentTimeMillis());
  }

  /** Keeps the report of the next lane. */
  void report(ByteBuffer bytes) {
    byte[] report = new byte[bytes.remaining()];
    bytes.get(report);
    reports.add(report);
  }

  /**
   * Makes the mean of one chunk in its place. Different chunks may come from any threads.
   *
   * @param add adds the lanes
   */
  void sum(int from, int to, Consumer<ShardSum> add) {
    ShardSum sum = new ShardSum(gradient, from, to);
    add.accept(sum);
    sum.divide();
    squares[from / Chunks.SIZE] = sum.squares()[0];
    useless(sum.useless());
  }

  /**
   * Puts a shard in its place.
   *
   * @param encoded what {@link ShardSum#encode} gave
   */
  void place(int shard, ByteBuffer encoded) {
    ByteBuffer bytes = encoded.order(ByteOrder.LITTLE_ENDIAN);
    useless(bytes.getInt());
    int from = key.shards().from(shard);
    int count = key.shards().length(shard);
    int chunks = Chunks.count(count);
    bytes.asDoubleBuffer().get(squares, from / Chunks.SIZE, chunks);
    bytes.position(bytes.position() + chunks * Double.BYTES);
    bytes.asFloatBuffer().get(gradient, from, count);
  }

  private synchronized void useless(int lane) {
    if (lane != ShardSum.NONE) {
      useless = Math.min(useless, lane);
    }
  }

  /**
   * When the driver had taken all lanes and began to add them, in milliseconds since 1970; empty
   * where a second stage of Spark adds them.
   */
  public OptionalLong takenAt() {
    return takenAt;
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
}
