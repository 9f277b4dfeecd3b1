package org.uiospark.jobs;

import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;

/** The whole path on the embedded model and books. */
@Command(
    name = "quickstart",
    description = "Prepares, trains, evaluates, exports and generates on embedded data.")
final class QuickstartCommand extends ConfiguredCommand {
  @Override
  void run(Settings settings) {
    throw new IllegalStateException("not wired yet: " + settings.json("train"));
  }
}
