package org.uiospark.jobs;

import java.nio.file.Path;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.options.SparkCommand;
import org.uiospark.jobs.quickstart.Quickstart;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.model.input.InvalidInputException;
import picocli.CommandLine.Command;

/** The whole path on the embedded model and books. */
@Command(
    name = "quickstart",
    description = "Prepares, trains, evaluates, exports and generates on embedded data.")
final class QuickstartCommand extends SparkCommand {
  @Override
  protected void run(Settings settings) {
    // Refused before Spark starts.
    Path output = Path.of(settings.text("quickstart.output")).toAbsolutePath().normalize();
    if (output.getParent() == null) {
      throw new InvalidInputException(
          "quickstart.output = " + output + " is a root; name a folder in it");
    }
    OutputFolder.of(output.getParent().toString(), hadoop()).requireWritable();
    int optimizerSteps = settings.integer("quickstart.steps");
    inSpark(
        session -> {
          new Quickstart(session, output, optimizerSteps, out()).run();
          return null;
        });
  }
}
