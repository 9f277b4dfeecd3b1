package org.uiospark.jobs;

import java.util.List;
import org.uiospark.jobs.evaluate.EvaluateSettings;
import org.uiospark.jobs.evaluate.Evaluation;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures an adapter: held-out perplexity and more, by suite. */
@Command(name = "evaluate", description = "Perplexity and more, with memory and without.")
final class EvaluateCommand extends ConfiguredCommand {
  @Option(names = "--model", paramLabel = "DIR", description = "base model in HuggingFace layout")
  String model;

  @Option(names = "--adapter", paramLabel = "URI", description = "exported adapter or checkpoint")
  String adapter;

  @Option(names = "--data", paramLabel = "URI", description = "held-out data set that prep wrote")
  String data;

  @Option(
      names = "--suite",
      paramLabel = "NAME",
      split = ",",
      description = "what to measure: ppl, passkey, ae, qa")
  List<String> suite;

  @Option(
      names = "--lengths",
      paramLabel = "N",
      split = ",",
      description = "context lengths in tokens, 256,512")
  List<Integer> lengths;

  @Option(names = "--output", paramLabel = "URI", description = "folder for the results as JSON")
  String output;

  @Option(names = "--sequences", paramLabel = "N", description = "most sequences read")
  Integer sequences;

  @Option(names = "--seed", paramLabel = "SEED", description = "of what is drawn")
  Long seed;

  @Option(
      names = "--passkey-lengths",
      paramLabel = "N",
      split = ",",
      description = "tokens of the prompts of passkey")
  List<Integer> passkeyLengths;

  @Option(
      names = "--passkey-depths",
      paramLabel = "D",
      split = ",",
      description = "where the key stands, 0 to 1")
  List<Double> passkeyDepths;

  @Option(
      names = "--passkey-cases",
      paramLabel = "N",
      description = "prompts for each length and depth")
  Integer passkeyCases;

  @Option(
      names = "--qa",
      paramLabel = "URI",
      split = ",",
      description = "JSONL in LongBench's format, for qa")
  List<String> qa;

  @Option(
      names = "--qa-max-prompt",
      paramLabel = "N",
      description = "tokens of the longest prompt of qa")
  Integer qaMaxPrompt;

  @Option(
      names = "--qa-max-new-tokens",
      paramLabel = "N",
      description = "tokens of the longest answer of qa")
  Integer qaMaxNewTokens;

  @Override
  void run(Settings settings) {
    EvaluateSettings evaluation = EvaluateSettings.of(settings);
    inSpark(session -> new Evaluation(session, evaluation).run())
        .forEach(result -> out().print(result.text()));
    out().flush();
  }
}
