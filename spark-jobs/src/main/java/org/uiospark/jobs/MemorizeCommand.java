package org.uiospark.jobs;

import org.uiospark.jobs.memory.Memorize;
import org.uiospark.jobs.memory.MemorizeSettings;
import org.uiospark.jobs.options.SparkCommand;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;

/** Texts to memory files. */
@Command(
    name = "memorize",
    description = {
      "Reads texts once and keeps their memories, for many questions.",
      "",
      "Run again, it adds the texts that are new; of one that has grown it encodes what",
      "was added. It may be killed at any moment: what is not committed does not exist.",
      ""
    })
final class MemorizeCommand extends SparkCommand {
  @Override
  protected void run(Settings settings) {
    MemorizeSettings memorize = MemorizeSettings.of(settings);
    out().print(inSpark(session -> Memorize.run(session, memorize)).text());
    out().flush();
  }
}
