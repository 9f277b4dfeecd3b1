package org.uiospark.jobs;

import org.uiospark.jobs.generate.Generate;
import org.uiospark.jobs.generate.GenerateSettings;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A prompt of any length to its continuation. */
@Command(name = "generate", description = "Continues a prompt of any length.")
final class GenerateCommand extends ConfiguredCommand {
  @Option(names = "--model", paramLabel = "DIR", description = "base model in HuggingFace layout")
  String model;

  @Option(names = "--adapter", paramLabel = "URI", description = "exported adapter or checkpoint")
  String adapter;

  @Option(names = "--prompt-file", paramLabel = "FILE", description = "text to continue")
  String promptFile;

  @Option(names = "--max-new-tokens", paramLabel = "N", description = "most tokens to generate")
  Integer maxNewTokens;

  @Option(names = "--temperature", paramLabel = "T", description = "0 takes the likeliest token")
  Double temperature;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description = "share of the probability to draw from")
  Double topP;

  @Option(names = "--seed", paramLabel = "SEED", description = "of the draws")
  Long seed;

  @Override
  void run(Settings settings) {
    Generate.run(GenerateSettings.of(settings), hadoop(), out());
  }
}
