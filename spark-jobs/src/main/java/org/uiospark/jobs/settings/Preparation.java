package org.uiospark.jobs.settings;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.uiospark.data.Objective;
import org.uiospark.data.PrepSettings;
import org.uiospark.model.InvalidInputException;

/** What {@code prep} does: the settings of the data preparation job, read and checked. */
public final class Preparation {
  private Preparation() {}

  /** Reads the section {@code prep}. */
  public static PrepSettings of(Settings settings) {
    String tokenizer = settings.required("prep.tokenizer");
    return of(
        settings,
        settings.requiredTexts("prep.input"),
        tokenizer,
        settings.required("prep.output"));
  }

  /** The same with input, tokenizer and output from elsewhere. */
  public static PrepSettings of(
      Settings settings, List<String> inputs, String tokenizer, String output) {
    String objective = settings.oneOf("prep.objective", Objective.NAMES);
    requireTokenizer(tokenizer);
    return new PrepSettings(
        inputs,
        output,
        tokenizer,
        settings.atLeast("prep.segment-length", 1),
        settings.atLeast("prep.max-segments", 1),
        settings.atLeast("prep.min-segments", 1),
        EosToken.of(settings, Path.of(tokenizer)),
        settings.bytes("prep.shard-size"),
        settings.between("prep.max-rejected-share", 0, 1),
        Objective.named(objective).orElseThrow());
  }

  /** Before anything is read beside it; one that lies elsewhere is found missing by the job. */
  private static void requireTokenizer(String tokenizer) {
    boolean local = !tokenizer.contains(":");
    if (local && !Files.isRegularFile(Path.of(tokenizer))) {
      throw new InvalidInputException(
          "tokenizer %s does not exist; give the tokenizer.json of the model".formatted(tokenizer));
    }
  }
}
