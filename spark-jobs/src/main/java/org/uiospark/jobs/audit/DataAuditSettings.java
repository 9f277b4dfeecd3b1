package org.uiospark.jobs.audit;

import java.util.List;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.model.input.InvalidInputException;

/**
 * What {@code audit --data} does.
 *
 * @param model directory of the base model
 * @param adapter URI of an exported adapter or a checkpoint
 * @param data URI of the data set
 * @param windows windows S to compare estimators at
 * @param sequences most sequences read from the data set
 * @param repeats draws of each estimator, window and sequence, at least 2
 * @param seed of the draws
 * @param output URI for the result as JSON, empty for none
 */
public record DataAuditSettings(
    String model,
    String adapter,
    String data,
    List<Integer> windows,
    int sequences,
    int repeats,
    long seed,
    String output) {

  /** Reads and checks the section {@code audit}. */
  public static DataAuditSettings of(Settings settings) {
    if (!settings.text("audit.tokens").isEmpty()) {
      throw new InvalidInputException(
          "audit takes one sequence or a data set: give --tokens or --data, not both");
    }
    return new DataAuditSettings(
        settings.required("audit.model"),
        settings.required("audit.adapter"),
        settings.required("audit.data"),
        settings.wholesAtLeast("audit.windows", 1),
        settings.atLeast("audit.sequences", 1),
        settings.atLeast("audit.repeats", 2),
        settings.whole("audit.seed"),
        settings.text("audit.output"));
  }
}
