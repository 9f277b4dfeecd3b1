package org.uiospark.jobs;

import org.uiospark.jobs.generate.Generate;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;

/** A prompt of any length to its continuation. */
@Command(name = "generate", description = "Continues a prompt of any length.")
final class GenerateCommand extends ConfiguredCommand {
  @Override
  void run(Settings settings) {
    Generate.run(settings, hadoop(), out());
  }
}
