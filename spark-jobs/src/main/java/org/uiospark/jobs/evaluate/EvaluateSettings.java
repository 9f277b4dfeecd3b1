package org.uiospark.jobs.evaluate;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import java.util.OptionalInt;
import org.uiospark.jobs.settings.Settings;

/**
 * What {@code evaluate} does.
 *
 * @param model directory of the base model
 * @param adapter URI of an exported adapter or a checkpoint
 * @param memoryTokens of those that the adapter was trained for; empty for the most. The results
 *     say which, so it is not told as a setting
 * @param data URI of the held-out data set
 * @param suites what is measured: {@code ppl}, {@code recall}, {@code ae}, {@code qa}
 * @param lengths context lengths in tokens; none: doubled from one segment on
 * @param output URI for the result as JSON, empty for none
 * @param sequences most sequences read from the data set
 * @param seed of recall and resampling
 * @param recall cases that need far memory
 * @param qa questions over long texts
 */
public record EvaluateSettings(
    String model,
    String adapter,
    @JsonIgnore OptionalInt memoryTokens,
    String data,
    List<String> suites,
    List<Integer> lengths,
    String output,
    int sequences,
    long seed,
    RecallGrid recall,
    QaSettings qa) {
  /** Reads and checks the section {@code evaluate}. */
  public static EvaluateSettings of(Settings settings) {
    List<String> suites = settings.names("evaluate.suite");
    boolean needsData = suites.contains("ppl") || suites.contains("ae");
    return new EvaluateSettings(
        settings.text("evaluate.model"),
        settings.text("evaluate.adapter"),
        settings.integerOrAuto("evaluate.memory-tokens"),
        needsData ? settings.given("evaluate.data") : settings.text("evaluate.data"),
        suites,
        settings.integers("evaluate.lengths"),
        settings.text("evaluate.output"),
        settings.integer("evaluate.sequences"),
        settings.whole("evaluate.seed"),
        RecallGrid.of(settings),
        QaSettings.of(settings, suites.contains("qa")));
  }
}
