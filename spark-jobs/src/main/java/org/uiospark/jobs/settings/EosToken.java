package org.uiospark.jobs.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import org.uiospark.data.storage.InputFile;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;

/** The token that closes a document: as set, or as the base model's configuration states it. */
public final class EosToken {
  private static final String KEY = "prep.eos-token-id";
  private static final String ADVICE = "; give --eos-token-id";

  private EosToken() {}

  /**
   * The id from {@code prep.eos-token-id}; for {@code auto} the first {@code eos_token_id} of the
   * {@code config.json} beside {@code tokenizer}. A base model has no other place that names it.
   *
   * @param tokenizer {@code tokenizer.json} of the base model
   * @throws InvalidInputException if there is neither
   */
  public static int of(Settings settings, InputFile tokenizer) {
    if (!settings.isAuto(KEY)) {
      return settings.integer(KEY);
    }
    InputFile config = tokenizer.sibling("config.json");
    if (!config.exists()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s names no end-of-sequence token: there is no config.json beside it%s",
              tokenizer.name(),
              ADVICE));
    }
    JsonNode id = InputJson.object(config.name(), config.bytes()).path("eos_token_id");
    if (id.isArray() && !id.isEmpty()) {
      id = id.get(0);
    }
    if (!id.canConvertToInt() || !id.isIntegralNumber() || id.intValue() < 0) {
      throw new InvalidInputException(config.name() + " has no eos_token_id" + ADVICE);
    }
    return id.intValue();
  }
}
