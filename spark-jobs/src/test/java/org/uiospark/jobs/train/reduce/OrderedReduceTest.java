package org.uiospark.jobs.train.reduce;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.TaskCompletionListener;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.jobs.LocalSpark;
import org.uiospark.jobs.exchange.LanePart;
import org.uiospark.model.optim.GradientNorm;
import scala.Tuple2;

@Tag("cluster")
class OrderedReduceTest {
  /** Two shards and a bit, the last chunk not whole. */
  private static final int SIZE = (2 << 20) + 70_001;

  private static final CollectSize OVER_THE_SHUFFLE = new CollectSize(0);
  private static final CollectSize ON_THE_DRIVER = new CollectSize(1 << 30);

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    // Some 20 MB for all tasks.
    spark = LocalSpark.start(3, Map.of("spark.memory.fraction", "0.02"));
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static float[] lane(int lane) {
    SplittableRandom random = new SplittableRandom(lane);
    float[] values = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      values[i] = (float) Math.scalb(random.nextDouble() - 0.5, random.nextInt(20));
    }
    return values;
  }

  private static ByteBuffer bytes(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(values.length * Float.BYTES);
    bytes.order(ByteOrder.nativeOrder()).asFloatBuffer().put(values);
    return bytes;
  }

  /** Both ways: over the shuffle, and on the driver. */
  static List<CollectSize> ways() {
    return List.of(OVER_THE_SHUFFLE, ON_THE_DRIVER);
  }

  private static float[] mean = new float[SIZE];

  /**
   * @param spoiled lanes from here on have a last value that is no number
   * @param refused lanes that have no gradient
   */
  private static OrderedReduce reduce(
      CollectSize collect, int lanes, int spoiled, Set<Integer> refused) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    List<Integer> all = IntStream.range(0, lanes).boxed().toList();
    JavaRDD<Tuple2<Integer, LanePart>> parts =
        context
            .parallelize(all, lanes)
            .mapPartitions(
                one -> {
                  int lane = one.next();
                  float[] values = lane(lane);
                  if (lane >= spoiled) {
                    values[SIZE - 1] = Float.NaN;
                  }
                  byte[] report = ("lane " + lane).getBytes(StandardCharsets.UTF_8);
                  return refused.contains(lane)
                      ? LaneGradient.without(SIZE, lanes, lane, report)
                      : LaneGradient.of(lanes, lane, report, lane + 1, lent(bytes(values)));
                });
    return new OrderedReduce(lanes, mean, collect).run(parts);
  }

  /** Memory that is taken back as the task ends, as a lane's is. */
  private static ByteBuffer lent(ByteBuffer bytes) {
    TaskCompletionListener takeBack =
        ended -> {
          while (bytes.hasRemaining()) {
            bytes.put(Byte.MAX_VALUE);
          }
        };
    TaskContext.get().addTaskCompletionListener(takeBack);
    return bytes.slice();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void theBitsAreThoseOfLanesThatAreAddedInTheirOrder(CollectSize collect) {
    int lanes = 5;
    float[] expected = new float[SIZE];
    for (int lane = 0; lane < lanes; lane++) {
      float[] values = lane(lane);
      for (int i = 0; i < SIZE; i++) {
        expected[i] += values[i];
      }
    }
    for (int i = 0; i < SIZE; i++) {
      expected[i] /= 1 + 2 + 3 + 4 + 5;
    }

    OrderedReduce reduce = reduce(collect, lanes, lanes, Set.of());

    assertThat(Arrays.mismatch(mean, expected)).isEqualTo(-1);
    assertThat(reduce.norm()).isEqualTo(GradientNorm.of(expected));
    assertThat(reduce.uselessLane()).isEmpty();
  }

  /** Their parts of one shard take more than Spark lends: it spills them. */
  @Test
  void manyLanesNeedNoMoreHeapThanFew() {
    int lanes = 40;
    AtomicLong spilled = new AtomicLong();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onTaskEnd(SparkListenerTaskEnd end) {
            spilled.addAndGet(end.taskMetrics().diskBytesSpilled());
          }
        };
    spark.sparkContext().addSparkListener(listener);
    OrderedReduce reduce;
    try {
      reduce = reduce(OVER_THE_SHUFFLE, lanes, 30, Set.of());
    } finally {
      spark.sparkContext().removeSparkListener(listener);
    }

    assertThat(reduce.uselessLane()).hasValue(30);
    assertThat(reports(reduce)).hasSize(lanes);
    assertThat(spilled).hasPositiveValue();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void reportsComeInTheOrderOfTheLanesAndTheFirstUselessOneIsNamed(CollectSize collect) {
    OrderedReduce reduce = reduce(collect, 12, 7, Set.of(2, 7));

    assertThat(reports(reduce))
        .containsExactlyElementsOf(
            IntStream.range(0, 12).mapToObj(lane -> "lane " + lane).toList());
    assertThat(reduce.uselessLane()).hasValue(8);
    assertThat(reduce.norm()).isNaN();
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4})
  void bothWaysGiveTheSameToTheLastBit(int spoiled) {
    Set<Integer> refused = Set.of(1);
    OrderedReduce shuffled = reduce(OVER_THE_SHUFFLE, 4, spoiled, refused);
    float[] expected = mean.clone();
    Arrays.fill(mean, 7);

    OrderedReduce collected = reduce(ON_THE_DRIVER, 4, spoiled, refused);

    assertThat(shuffled.takenAt()).isEmpty();
    assertThat(collected.takenAt()).isPresent();
    assertThat(bytes(mean)).isEqualTo(bytes(expected));
    assertThat(Double.valueOf(collected.norm())).isEqualTo(Double.valueOf(shuffled.norm()));
    assertThat(collected.uselessLane()).isEqualTo(shuffled.uselessLane());
    assertThat(reports(collected)).isEqualTo(reports(shuffled));
  }

  private static List<String> reports(OrderedReduce reduce) {
    return reduce.reports().stream()
        .map(report -> new String(report, StandardCharsets.UTF_8))
        .toList();
  }

  @Test
  void theDriverTakesTheLanesWhereTheyAreTogetherNoLargerThanTheLimit() {
    CollectSize limit = new CollectSize(4 * 3 * 1000);

    assertThat(limit.covers(3, 1000)).isTrue();
    assertThat(limit.covers(3, 1001)).isFalse();
    assertThat(limit.covers(4, 1000)).isFalse();
    assertThat(limit.taken(2, 1000)).isEqualTo(8000);
    assertThat(limit.taken(4, 1000)).isZero();
    assertThat(new CollectSize(0).covers(1, 1)).isFalse();
    assertThat(new CollectSize(1 << 30).covers(1 << 20, Integer.MAX_VALUE)).isFalse();
  }

  @Test
  void shardsAreOfWholeChunksAndCoverTheVector() {
    for (int size : new int[] {1, 1 << 20, (1 << 20) + 1, 134_217_728, Integer.MAX_VALUE}) {
      Shards shards = new Shards(size);
      assertThat(shards.count()).isBetween(1, 2048);
      assertThat(shards.from(0)).isZero();
      assertThat(shards.to(shards.count() - 1)).isEqualTo(size);
      for (int shard = 1; shard < shards.count(); shard++) {
        assertThat(shards.from(shard))
            .isEqualTo(shards.to(shard - 1))
            .matches(at -> at % 65_536 == 0);
      }
    }
  }
}
