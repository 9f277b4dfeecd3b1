package org.uiospark.jobs.bench;

import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.storage.InputFile;
import org.uiospark.jobs.prep.PrepSettingsReader;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.model.input.InvalidInputException;

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
   * @throws InvalidInputException if the objective of prep reads no text
   */
  public static BenchPrepSettings of(
      Settings settings, String output, Configuration configuration) {
    PrepSettings prep =
        PrepSettingsReader.read(
            settings,
            settings.texts("bench-prep.input"),
            new InputFile(settings.text("bench-prep.tokenizer"), configuration),
            output);
    if (prep.objective() == Objective.SFT) {
      throw new InvalidInputException(
          "prep.objective = sft cannot be measured: bench-prep compares with the bare tokenizer on text; set it to lm or ae");
    }
    return new BenchPrepSettings(prep, settings.integer("bench-prep.repeats"));
  }
}
