package org.uiospark.jobs;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext$;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.jobs.settings.StatedSettings;
import org.uiospark.model.input.InvalidInputException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command with settings, those of the section of {@code conf/uio.conf} that has its name. */
abstract class ConfiguredCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Option(
      names = "--conf",
      paramLabel = "FILE",
      order = 1,
      description = "settings, as in conf/uio.conf")
  Path conf;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      order = 1,
      description = "print this and end")
  boolean help;

  /** Does the work; what the user can mend is thrown as an InvalidInputException. */
  abstract void run(Settings settings);

  @Override
  public final Integer call() {
    try {
      run(settings());
    } catch (FSError e) {
      // How Hadoop passes on what a local disk says; an error would end the JVM with a stack trace.
      throw new UncheckedIOException(new IOException(e.getMessage(), e));
    }
    return 0;
  }

  /** Read and checked: what was typed first, then what a file or the defaults say. */
  final Settings settings() {
    Map<String, Object> given = SettingOptions.given(spec.commandLine().getParseResult());
    Settings settings = Settings.of(conf, given);
    given.keySet().forEach(settings::check);
    StatedSettings.in(spec.name()).forEach(setting -> settings.check(setting.key()));
    return settings;
  }

  /** Where results go; the log goes to standard error. */
  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** File systems as spark-submit was told, for a command that needs no Spark session. */
  static Configuration hadoop() {
    return SparkHadoopUtil.get().newConfiguration(new SparkConf());
  }

  /**
   * Runs {@code work} in a Spark session and stops it; master and resources come from spark-submit.
   */
  final <T> T inSpark(Function<SparkSession, T> work) {
    return inSpark(1, work);
  }

  /**
   * The same with tasks that take several cores.
   *
   * @param taskCores cores of a task, where spark-submit was not told
   * @throws InvalidInputException if this machine's share has fewer
   */
  final <T> T inSpark(int taskCores, Function<SparkSession, T> work) {
    SparkConf conf = new SparkConf();
    conf.setIfMissing("spark.task.cpus", String.valueOf(taskCores));
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
}
