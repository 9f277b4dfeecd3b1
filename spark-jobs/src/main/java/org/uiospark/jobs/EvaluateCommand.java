package org.uiospark.jobs;

import org.uiospark.jobs.evaluate.EvaluateSettings;
import org.uiospark.jobs.evaluate.Evaluation;
import org.uiospark.jobs.options.SparkCommand;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;

/** Measures an adapter: held-out perplexity and more, by suite. */
@Command(name = "evaluate", description = "Perplexity and more, with memory and without.")
final class EvaluateCommand extends SparkCommand {
  @Override
  protected void run(Settings settings) {
    EvaluateSettings evaluation = EvaluateSettings.of(settings);
    inSpark(session -> new Evaluation(session, evaluation).run())
        .forEach(result -> out().print(result.text()));
    out().flush();
  }
}
