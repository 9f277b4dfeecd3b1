package org.uiospark.jobs.settings;

import org.uiospark.data.PrepSettings;

/**
 * What {@code bench-prep} measures.
 *
 * @param prep the run of prep that is timed, with the other settings of {@code prep}
 * @param repeats runs of each
 */
public record BenchPrepSettings(PrepSettings prep, int repeats) {

  /**
   * Reads and checks the section {@code bench-prep}.
   *
   * @param output where the runs of prep write, each into a folder of its own
   */
  public static BenchPrepSettings of(Settings settings, String output) {
    return new BenchPrepSettings(
        Preparation.of(
            settings,
            settings.requiredTexts("bench-prep.input"),
            settings.required("bench-prep.tokenizer"),
            output),
        settings.atLeast("bench-prep.repeats", 1));
  }
}
