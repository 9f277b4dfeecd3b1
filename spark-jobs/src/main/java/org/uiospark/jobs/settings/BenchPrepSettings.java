package org.uiospark.jobs.settings;

import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.InputFile;
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
   * @param configuration for the file system of the tokenizer
   */
  public static BenchPrepSettings of(
      Settings settings, String output, Configuration configuration) {
    return new BenchPrepSettings(
        Preparation.of(
            settings,
            settings.requiredTexts("bench-prep.input"),
            new InputFile(settings.required("bench-prep.tokenizer"), configuration),
            output),
        settings.atLeast("bench-prep.repeats", 1));
  }
}
