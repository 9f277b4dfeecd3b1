package org.uiospark.jobs;

import org.uiospark.jobs.options.ConfiguredCommand;
import org.uiospark.jobs.serve.Serve;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;

/** Questions to answers, over HTTP. */
@Command(
    name = "serve",
    description = {
      "Answers over HTTP, as OpenAI's API has it, behind texts that are memorized once.",
      "",
      "SIGTERM lets requests that are there end, and then the process.",
      ""
    })
final class ServeCommand extends ConfiguredCommand {
  @Override
  protected void run(Settings settings) {
    Serve.run(settings, hadoop(), out());
  }
}
