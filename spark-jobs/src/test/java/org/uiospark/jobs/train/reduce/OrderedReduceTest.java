package org.uiospark.jobs.train.reduce;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.jobs.LocalSpark;
import org.uiospark.model.optim.GradientNorm;
import scala.Tuple2;

@Tag("cluster")
class OrderedReduceTest {
  /** Two shards and a bit, the last chunk not whole. */
  private static final int SIZE = (2 << 20) + 70_001;

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = LocalSpark.start(3);
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

  private static float[] mean = new float[SIZE];

  private static OrderedReduce reduce(int lanes, int spoiled) {
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
                  return LanePart.of(lanes, lane, report, lane + 1, bytes(values));
                });
    return new OrderedReduce(lanes, mean).run(parts);
  }

  @Test
  void theBitsAreThoseOfLanesThatAreAddedInTheirOrder() {
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

    OrderedReduce reduce = reduce(lanes, lanes);

    assertThat(Arrays.mismatch(mean, expected)).isEqualTo(-1);
    assertThat(reduce.norm()).isEqualTo(GradientNorm.of(expected));
    assertThat(reduce.uselessLane()).isEmpty();
  }

  @Test
  void reportsComeInTheOrderOfTheLanesAndTheFirstUselessOneIsNamed() {
    OrderedReduce reduce = reduce(12, 7);

    assertThat(reduce.reports())
        .map(report -> new String(report, StandardCharsets.UTF_8))
        .containsExactlyElementsOf(
            IntStream.range(0, 12).mapToObj(lane -> "lane " + lane).toList());
    assertThat(reduce.uselessLane()).hasValue(7);
    assertThat(reduce.norm()).isNaN();
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
