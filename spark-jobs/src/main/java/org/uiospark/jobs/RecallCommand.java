package org.uiospark.jobs;

import org.uiospark.jobs.options.ConfiguredCommand;
import org.uiospark.jobs.recall.Recall;
import org.uiospark.jobs.recall.RecallSettings;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;

/** Cases of tasks that need far memory, to train with. */
@Command(
    name = "recall",
    description = {
      "Writes cases of tasks that need far memory, for prep --objective sft.",
      "",
      "evaluate --suite recall asks cases of the same tasks, with names, wordings and",
      "numbers that those of the split train never have.",
      ""
    })
final class RecallCommand extends ConfiguredCommand {
  @Override
  protected void run(Settings settings) {
    out().println(Recall.write(RecallSettings.of(settings), hadoop()));
  }
}
