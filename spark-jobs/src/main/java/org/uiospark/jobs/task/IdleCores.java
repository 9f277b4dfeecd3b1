package org.uiospark.jobs.task;

import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext$;
import org.apache.spark.api.java.JavaSparkContext;

/** Torch threads for work whose bits are not promised: as many as there are cores without work. */
public final class IdleCores {
  private IdleCores() {}

  /** All that the driver may use, for work that is one stream. */
  public static int ofDriver(SparkConf conf) {
    int cores = SparkContext$.MODULE$.numDriverCores(conf.get("spark.master", "local[*]"));
    return cores > 0 ? cores : Runtime.getRuntime().availableProcessors();
  }

  /** Cores that each of so many tasks can use, where there are fewer tasks than cores for them. */
  static int ofTask(JavaSparkContext spark, int tasks) {
    int all = spark.defaultParallelism();
    int ofExecutor = spark.isLocal() ? all : spark.getConf().getInt("spark.executor.cores", 1);
    return Math.max(1, Math.min(ofExecutor, all / Math.max(1, tasks)));
  }
}
