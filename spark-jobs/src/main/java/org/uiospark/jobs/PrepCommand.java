package org.uiospark.jobs;

import org.uiospark.data.prep.PrepJob;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.jobs.options.SparkCommand;
import org.uiospark.jobs.prep.PrepSettingsReader;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;

/** Corpora to a data set of segment sequences. */
@Command(
    name = "prep",
    description = {
      "Turns text into a data set of segment sequences.",
      "",
      "Run again, it adds the documents that are new. It may be killed at any moment:",
      "the next run finishes or begins again. Where another run changes the output",
      "meanwhile, it says so, adds what is then still missing, and ends with 0.",
      ""
    })
final class PrepCommand extends SparkCommand {
  @Override
  protected void run(Settings settings) {
    PrepSettings prep = PrepSettingsReader.read(settings, hadoop());
    out().print(inSpark(session -> new PrepJob(session, prep).run()).text());
    out().flush();
  }
}
