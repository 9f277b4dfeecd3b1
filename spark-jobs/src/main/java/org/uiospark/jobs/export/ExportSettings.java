package org.uiospark.jobs.export;

import org.uiospark.jobs.settings.Settings;

/**
 * What {@code export} does.
 *
 * @param checkpoint URI of a checkpoint, or of a training output for its newest one
 * @param output URI of the folder that is written
 * @param evaluation URI of a result of {@code evaluate}, or of a folder of them; empty for none
 */
public record ExportSettings(String checkpoint, String output, String evaluation) {

  /** Reads and checks the section {@code export}. */
  public static ExportSettings of(Settings settings) {
    return new ExportSettings(
        settings.required("export.checkpoint"),
        settings.required("export.output"),
        settings.text("export.evaluation"));
  }
}
