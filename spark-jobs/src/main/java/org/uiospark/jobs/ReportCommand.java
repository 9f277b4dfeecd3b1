package org.uiospark.jobs;

import java.io.IOException;
import java.util.Locale;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.options.ConfiguredCommand;
import org.uiospark.jobs.report.Report;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.model.input.InvalidInputException;
import picocli.CommandLine.Command;

/** The page of a run, written again. */
@Command(
    name = "report",
    description = "Writes report.html again from what train, evaluate and audit left.")
final class ReportCommand extends ConfiguredCommand {
  @Override
  protected void run(Settings settings) {
    OutputFolder folder = OutputFolder.of(settings.text("report.output"), hadoop());
    try {
      Report.write(folder);
    } catch (IOException e) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s cannot be written: %s; make room or rights there",
              folder.file(Report.NAME),
              e.getMessage()),
          e);
    }
    out().println(folder.file(Report.NAME));
    out().flush();
  }
}
