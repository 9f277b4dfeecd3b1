package org.uiospark.jobs.evaluate;

import java.util.List;
import org.uiospark.jobs.settings.Settings;

/**
 * What {@code evaluate} does.
 *
 * @param model directory of the base model
 * @param adapter URI of an exported adapter or a checkpoint
 * @param data URI of the held-out data set
 * @param suites what is measured, of {@link #SUITES}
 * @param lengths context lengths in tokens; none: doubled from one segment on
 * @param output URI for the result as JSON, empty for none
 * @param sequences most sequences read from the data set
 * @param seed of passkeys and resampling
 * @param passkey prompts with a hidden key
 * @param qa questions over long texts
 */
public record EvaluateSettings(
    String model,
    String adapter,
    String data,
    List<String> suites,
    List<Integer> lengths,
    String output,
    int sequences,
    long seed,
    PasskeySettings passkey,
    QaSettings qa) {
  /** The names that exist. */
  public static final List<String> SUITES = List.of("ppl", "passkey", "ae", "qa");

  /** Reads and checks the section {@code evaluate}. */
  public static EvaluateSettings of(Settings settings) {
    List<String> suites = settings.someOf("evaluate.suite", SUITES);
    boolean needsData = suites.contains("ppl") || suites.contains("ae");
    return new EvaluateSettings(
        settings.required("evaluate.model"),
        settings.required("evaluate.adapter"),
        needsData ? settings.required("evaluate.data") : settings.text("evaluate.data"),
        suites,
        settings.anyWholesAtLeast("evaluate.lengths", 2),
        settings.text("evaluate.output"),
        settings.atLeast("evaluate.sequences", 1),
        settings.whole("evaluate.seed"),
        PasskeySettings.of(settings),
        QaSettings.of(settings, suites.contains("qa")));
  }
}
