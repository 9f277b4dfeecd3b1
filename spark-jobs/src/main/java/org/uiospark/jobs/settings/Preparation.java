package org.uiospark.jobs.settings;

import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.TextReading;
import org.uiospark.data.storage.InputFile;
import org.uiospark.model.input.InvalidInputException;

/** What {@code prep} does: the settings of the data preparation job, read and checked. */
public final class Preparation {
  private Preparation() {}

  /** Reads the section {@code prep}; the configuration is for the file system of the tokenizer. */
  public static PrepSettings of(Settings settings, Configuration configuration) {
    InputFile tokenizer = new InputFile(settings.required("prep.tokenizer"), configuration);
    return of(
        settings,
        settings.requiredTexts("prep.input"),
        tokenizer,
        settings.required("prep.output"));
  }

  /** The same with input, tokenizer and output from elsewhere. */
  public static PrepSettings of(
      Settings settings, List<String> inputs, InputFile tokenizer, String output) {
    String objective = settings.oneOf("prep.objective", Objective.NAMES);
    // Before anything is read beside it.
    if (!tokenizer.exists()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "tokenizer %s %s; give the tokenizer.json of the model",
              tokenizer.name(),
              tokenizer.absence()));
    }
    return new PrepSettings(
        inputs,
        output,
        tokenizer.name(),
        Objective.named(objective).orElseThrow(),
        new Cutting(
            settings.atLeast("prep.segment-length", 1),
            settings.atLeast("prep.max-segments", 1),
            settings.atLeast("prep.min-segments", 1),
            EosToken.of(settings, tokenizer)),
        new TextReading(
            settings.required("prep.text-field"),
            settings.between("prep.max-replaced-share", 0, 1)),
        settings.bytes("prep.shard-size"),
        settings.between("prep.max-rejected-share", 0, 1));
  }
}
