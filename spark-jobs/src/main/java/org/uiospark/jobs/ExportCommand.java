package org.uiospark.jobs;

import org.uiospark.jobs.export.Export;
import org.uiospark.jobs.options.ConfiguredCommand;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;

/** A checkpoint to the files that others load. */
@Command(name = "export", description = "Turns a checkpoint into an adapter folder.")
final class ExportCommand extends ConfiguredCommand {
  @Override
  protected void run(Settings settings) {
    out().println(Export.run(settings, hadoop()).root());
  }
}
