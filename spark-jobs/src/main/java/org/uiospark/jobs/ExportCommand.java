package org.uiospark.jobs;

import org.uiospark.jobs.export.Export;
import org.uiospark.jobs.export.ExportSettings;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A checkpoint to the files that others load. */
@Command(name = "export", description = "Turns a checkpoint into an adapter folder.")
final class ExportCommand extends ConfiguredCommand {
  @Option(
      names = "--checkpoint",
      paramLabel = "URI",
      description = "checkpoint, or training output for its newest")
  String checkpoint;

  @Option(names = "--output", paramLabel = "URI", description = "folder to write")
  String output;

  @Option(
      names = "--evaluation",
      paramLabel = "URI",
      description = "JSON file, or folder of them, that evaluate wrote, for the model card")
  String evaluation;

  @Override
  void run(Settings settings) {
    out().println(Export.run(ExportSettings.of(settings), hadoop()).root());
  }
}
