package org.uiospark.jobs.prep;

import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Duplicates;
import org.uiospark.data.settings.FieldPath;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.data.storage.InputFile;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.model.input.InvalidInputException;

/** Reads and checks the section {@code prep}: the settings of the data preparation job. */
public final class PrepSettingsReader {
  private PrepSettingsReader() {}

  /** Reads the section {@code prep}; the configuration is for the file system of the tokenizer. */
  public static PrepSettings read(Settings settings, Configuration configuration) {
    InputFile tokenizer = new InputFile(settings.text("prep.tokenizer"), configuration);
    return read(settings, settings.texts("prep.input"), tokenizer, settings.text("prep.output"));
  }

  /** The same with input, tokenizer and output from elsewhere. */
  public static PrepSettings read(
      Settings settings, List<String> inputs, InputFile tokenizer, String output) {
    String objective = settings.text("prep.objective");
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
            settings.integer("prep.segment-length"),
            settings.integer("prep.max-segments"),
            settings.integer("prep.min-segments"),
            EosToken.of(settings, tokenizer)),
        reading(settings),
        new Repeats(
            Duplicates.named(settings.text("prep.duplicates")).orElseThrow(),
            settings.number("prep.near-duplicates")),
        settings.bytes("prep.shard-size"),
        settings.number("prep.max-rejected-share"));
  }

  /** How text is read. */
  public static TextReading reading(Settings settings) {
    String answer = settings.text("prep.response-field");
    return new TextReading(
        new RecordFields(
            new FieldPath(settings.text("prep.text-field")),
            new FieldPath(settings.text("prep.id-field")),
            settings.texts("prep.prompt-fields").stream().map(FieldPath::new).toList(),
            answer.isEmpty() ? List.of() : List.of(new FieldPath(answer))),
        settings.number("prep.max-replaced-share"));
  }
}
