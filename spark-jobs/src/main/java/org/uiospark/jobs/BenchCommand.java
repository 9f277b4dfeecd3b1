package org.uiospark.jobs;

import org.uiospark.jobs.bench.Bench;
import org.uiospark.jobs.bench.BenchSettings;
import org.uiospark.jobs.options.SparkCommand;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;

/** Speed and memory of the gradient, in process and through Spark, as JSON. */
@Command(name = "bench", description = "Measures the gradient, in process and through Spark.")
final class BenchCommand extends SparkCommand {
  @Override
  protected void run(Settings settings) {
    BenchSettings bench = BenchSettings.of(settings);
    out().println(inSpark(spark -> new Bench(spark, bench).run()).json());
  }
}
