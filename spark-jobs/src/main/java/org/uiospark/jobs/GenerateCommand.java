package org.uiospark.jobs;

import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;
import org.uiospark.jobs.generate.Generate;
import org.uiospark.jobs.options.SparkCommand;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;

/** A prompt of any length to its continuation. */
@Command(name = "generate", description = "Continues a prompt of any length.")
final class GenerateCommand extends SparkCommand {
  @Override
  protected void run(Settings settings) {
    Generate.run(settings, hadoop(), this::work, out());
  }

  private void work(Consumer<SparkSession> work) {
    inSpark(
        session -> {
          work.accept(session);
          return null;
        });
  }
}
