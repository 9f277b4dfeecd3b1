package org.uiospark.jobs;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** Spark in the JVM of a test, reachable from this machine only. */
public final class LocalSpark {
  private LocalSpark() {}

  /** A session that runs so many tasks at once; whoever starts it stops it. */
  public static SparkSession start(int tasks) {
    return start(tasks, Map.of());
  }

  /** The same with settings of Spark. */
  public static SparkSession start(int tasks, Map<String, String> settings) {
    SparkConf conf = new SparkConf();
    settings.forEach(conf::set);
    return SparkSession.builder()
        .config(conf)
        .master("local[" + tasks + "]")
        .config("spark.ui.enabled", false)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate();
  }
}
