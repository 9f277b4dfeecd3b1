package org.uiospark.model.llama;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;

/**
 * The tokens that end a generated text. Chat models name the end of a turn in {@value #FILE} alone,
 * where {@code config.json} has the end of a document.
 */
final class StopTokens {
  private static final String FILE = "generation_config.json";
  private static final String KEY = "eos_token_id";

  private StopTokens() {}

  /**
   * Reads the tokens of both files.
   *
   * @throws InvalidInputException if {@value #FILE} is there and names no tokens
   */
  static Set<Integer> of(Path folder, LlamaConfig config) {
    Set<Integer> tokens = new TreeSet<>(config.vocabulary().eosTokenIds());
    Path file = folder.resolve(FILE);
    if (Files.exists(file)) {
      JsonNode ids = InputJson.object(file).path(KEY);
      if (ids.isArray()) {
        ids.forEach(id -> tokens.add(token(file, id)));
      } else if (!ids.isMissingNode() && !ids.isNull()) {
        tokens.add(token(file, ids));
      }
    }
    return tokens;
  }

  private static int token(Path file, JsonNode id) {
    if (!id.isIntegralNumber() || !id.canConvertToInt()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT, "%s: %s must be an integer or a list of them, not %s", file, KEY, id));
    }
    return id.intValue();
  }
}
