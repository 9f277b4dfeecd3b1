package org.uiospark.jobs.generate;

import org.uiospark.jobs.settings.Settings;

/**
 * What {@code generate} does.
 *
 * @param model directory of the base model
 * @param adapter URI of an exported adapter or a checkpoint
 * @param promptFile text file with the prompt
 * @param maxNewTokens most tokens to generate
 * @param temperature 0 for the likeliest token
 * @param topP share of the probability to draw from, above 0 to 1
 * @param seed of the draws
 */
public record GenerateSettings(
    String model,
    String adapter,
    String promptFile,
    int maxNewTokens,
    double temperature,
    double topP,
    long seed) {

  /** Reads and checks the section {@code generate}. */
  public static GenerateSettings of(Settings settings) {
    return new GenerateSettings(
        settings.required("generate.model"),
        settings.required("generate.adapter"),
        settings.required("generate.prompt-file"),
        settings.atLeast("generate.max-new-tokens", 1),
        settings.notNegative("generate.temperature"),
        settings.share("generate.top-p"),
        settings.whole("generate.seed"));
  }
}
