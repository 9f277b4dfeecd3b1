package org.uiospark.jobs.settings;

import java.util.List;

/**
 * What {@code evaluate} does.
 *
 * @param model directory of the base model
 * @param adapter URI of an exported adapter or a checkpoint
 * @param data URI of the held-out data set
 * @param lengths context lengths in tokens
 * @param output URI for the result as JSON, empty for none
 * @param sequences most sequences read from the data set
 */
public record EvaluateSettings(
    String model,
    String adapter,
    String data,
    List<Integer> lengths,
    String output,
    int sequences) {

  /** Reads and checks the section {@code evaluate}. */
  public static EvaluateSettings of(Settings settings) {
    return new EvaluateSettings(
        settings.required("evaluate.model"),
        settings.required("evaluate.adapter"),
        settings.required("evaluate.data"),
        settings.wholesAtLeast("evaluate.lengths", 2),
        settings.text("evaluate.output"),
        settings.atLeast("evaluate.sequences", 1));
  }
}
