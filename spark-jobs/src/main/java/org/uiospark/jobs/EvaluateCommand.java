package org.uiospark.jobs;

import java.util.List;
import org.uiospark.jobs.evaluate.Evaluation;
import org.uiospark.jobs.evaluate.PerplexityTable;
import org.uiospark.jobs.settings.EvaluateSettings;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Held-out perplexity by context length. */
@Command(name = "evaluate", description = "Perplexity by context length, with memory and without.")
final class EvaluateCommand extends ConfiguredCommand {
  @Option(names = "--model", paramLabel = "DIR", description = "base model in HuggingFace layout")
  String model;

  @Option(names = "--adapter", paramLabel = "URI", description = "exported adapter or checkpoint")
  String adapter;

  @Option(names = "--data", paramLabel = "URI", description = "held-out data set that prep wrote")
  String data;

  @Option(
      names = "--lengths",
      paramLabel = "N",
      split = ",",
      description = "context lengths in tokens, 256,512")
  List<Integer> lengths;

  @Option(names = "--output", paramLabel = "URI", description = "folder for the result as JSON")
  String output;

  @Option(names = "--sequences", paramLabel = "N", description = "most sequences read")
  Integer sequences;

  @Override
  void run(Settings settings) {
    EvaluateSettings evaluation = EvaluateSettings.of(settings);
    PerplexityTable table = inSpark(session -> new Evaluation(session, evaluation).run());
    out().print(table.text());
    out().flush();
  }
}
