package org.uiospark.jobs.options;

import java.util.Locale;
import java.util.function.Function;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext$;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.sql.SparkSession;
import org.uiospark.jobs.device.ComputeDevice;
import org.uiospark.model.input.InvalidInputException;

/** A command that works in a Spark session. */
public abstract class SparkCommand extends ConfiguredCommand {
  /**
   * Runs {@code work} in a Spark session and stops it; master and resources come from spark-submit.
   */
  protected final <T> T inSpark(Function<SparkSession, T> work) {
    return inSpark(1, work);
  }

  /**
   * The same with tasks that take several cores.
   *
   * @param taskCores cores of a task, where spark-submit was not told
   * @throws InvalidInputException if this machine's share has fewer, or local mode is to lend GPUs
   */
  protected final <T> T inSpark(int taskCores, Function<SparkSession, T> work) {
    SparkConf conf = new SparkConf();
    conf.setIfMissing("spark.task.cpus", String.valueOf(taskCores));
    // What tasks get and give are records, which Kryo cannot write, whatever the cluster's
    // defaults.
    conf.set("spark.serializer", JavaSerializer.class.getName());
    boundTries(conf);
    ComputeDevice.requireLender(conf);
    String master = conf.get("spark.master", "");
    int cores = SparkContext$.MODULE$.numDriverCores(master);
    // Cores of a local master; 0 where tasks run elsewhere.
    if (cores > 0 && cores < conf.getInt("spark.task.cpus", 1)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "a task takes %s cores, but --master %s has %d; lower --threads or name a master with more",
              conf.get("spark.task.cpus"),
              master,
              cores));
    }
    SparkSession session =
        SparkSession.builder().config(conf).appName("uio " + spec.name()).getOrCreate();
    try {
      return work.apply(session);
    } finally {
      session.stop();
    }
  }

  /**
   * The last try of a task is on another machine than all before it. Spark wants that said as a
   * number below that of all tries.
   */
  private static void boundTries(SparkConf conf) {
    int most = conf.getInt("spark.task.maxFailures", 4);
    if (most > 1) {
      conf.setIfMissing(
          "spark.excludeOnFailure.task.maxTaskAttemptsPerNode", String.valueOf(most - 1));
    } else {
      // Nothing is tried again, so nothing elsewhere, and Spark refuses to look for a place.
      conf.set("spark.excludeOnFailure.enabled", "false");
    }
  }
}
