package org.uiospark.jobs.exchange;

import org.apache.spark.ContextCleaner;
import org.apache.spark.Partitioner;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.SparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.rdd.ShuffledRDD;
import scala.Tuple2;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.BoxedUnit;

/** Spark's shuffle for the parts of lanes, which cross it as raw bytes. */
public final class RawShuffle {
  private static final ClassTag<Integer> KEYS = ClassTag$.MODULE$.apply(Integer.class);
  private static final ClassTag<LanePart> VALUES = ClassTag$.MODULE$.apply(LanePart.class);

  private RawShuffle() {}

  /** Parts by their keys. */
  public static ShuffledRDD<Integer, LanePart, LanePart> of(
      RDD<Tuple2<Integer, LanePart>> parts, Partitioner partitioner) {
    return new ShuffledRDD<Integer, LanePart, LanePart>(parts, partitioner, KEYS, VALUES, VALUES)
        .setSerializer(new RawSerializer());
  }

  /**
   * Deletes its files once nobody will ask for them. The collector would find them some day; what
   * comes next needs their room.
   */
  public static void forget(SparkContext spark, ShuffleDependency<?, ?, ?> shuffle) {
    spark.cleaner().foreach(cleaner -> clean(cleaner, shuffle.shuffleId()));
  }

  private static Object clean(ContextCleaner cleaner, int shuffle) {
    cleaner.doCleanupShuffle(shuffle, true);
    return BoxedUnit.UNIT;
  }
}
