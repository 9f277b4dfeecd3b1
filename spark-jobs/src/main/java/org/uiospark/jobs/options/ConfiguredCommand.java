package org.uiospark.jobs.options;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.jobs.settings.StatedSettings;
import org.uiospark.jobs.task.NativeMemory;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command with settings, those of the section of {@code conf/uio.conf} that has its name. */
public abstract class ConfiguredCommand implements Callable<Integer> {
  @Spec protected CommandSpec spec;

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
  protected abstract void run(Settings settings);

  @Override
  public final Integer call() {
    try {
      NativeMemory.guard(
          () -> {
            run(settings());
            return null;
          });
    } catch (FSError e) {
      // How Hadoop passes on what a local disk says; an error would end the JVM with a stack trace.
      throw new UncheckedIOException(new IOException(e.getMessage(), e));
    }
    return 0;
  }

  /** Read and checked: what was typed first, then what a file or the defaults say. */
  public final Settings settings() {
    Map<String, Object> given = SettingOptions.given(spec.commandLine().getParseResult());
    Settings settings = Settings.of(conf, given);
    given.keySet().forEach(settings::check);
    StatedSettings.in(spec.name()).forEach(setting -> settings.check(setting.key()));
    return settings;
  }

  /** Where results go; the log goes to standard error. */
  protected final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** File systems as spark-submit was told, for a command that needs no Spark session. */
  public static Configuration hadoop() {
    return SparkHadoopUtil.get().newConfiguration(new SparkConf());
  }
}
