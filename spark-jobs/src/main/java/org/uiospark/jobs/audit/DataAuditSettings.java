package org.uiospark.jobs.audit;

import java.util.List;
import java.util.Locale;
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
  /** Enough for the bias of a small model to stand out of the noise. */
  private static final int REPEATS = 1000;

  /** Reads and checks the section {@code audit}. */
  public static DataAuditSettings of(Settings settings) {
    if (!settings.text("audit.tokens").isEmpty()) {
      throw new InvalidInputException(
          "audit takes one sequence or a data set: give --tokens or --data, not both");
    }
    return new DataAuditSettings(
        settings.text("audit.model"),
        settings.text("audit.adapter"),
        settings.given("audit.data"),
        settings.integers("audit.windows"),
        settings.integer("audit.sequences"),
        repeats(settings),
        settings.whole("audit.seed"),
        settings.text("audit.output"));
  }

  private static int repeats(Settings settings) {
    if (settings.isAuto("audit.repeats")) {
      return REPEATS;
    }
    int repeats = settings.integer("audit.repeats");
    if (repeats < 2) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "audit.repeats = %d is out of range: with --data it must be 2 or more, for a variance",
              repeats));
    }
    return repeats;
  }
}
