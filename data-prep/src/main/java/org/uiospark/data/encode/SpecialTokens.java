package org.uiospark.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.uiospark.data.jinja.Withheld;

/**
 * The names of tokens that a template sees, as {@code transformers} fills its special_tokens_map.
 */
final class SpecialTokens {
  private static final List<String> STANDARD =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  /** Classes that have no tokens of their own; others may, where their configuration names none. */
  private static final Set<String> PLAIN =
      Set.of("", "PreTrainedTokenizerFast", "TokenizersBackend");

  private SpecialTokens() {}

  /**
   * The names and their texts.
   *
   * @param config {@code tokenizer_config.json}
   * @param legacy {@code special_tokens_map.json}
   */
  static Map<String, Object> of(JsonNode config, JsonNode legacy) {
    Map<String, Object> tokens = new HashMap<>();
    String type = config.path("tokenizer_class").asText("");
    if (!PLAIN.contains(type)) {
      for (String name : STANDARD) {
        tokens.put(
            name,
            new Withheld(
                name
                    + " is not in tokenizer_config.json; write it there, null if "
                    + type
                    + " has none"));
      }
    }
    add(tokens, config);
    if (!config.has("added_tokens_decoder")) {
      add(tokens, legacy);
    }
    JsonNode extra = config.path("extra_special_tokens");
    extra.properties().forEach(token -> put(tokens, token.getKey(), token.getValue()));
    return tokens;
  }

  private static void add(Map<String, Object> tokens, JsonNode config) {
    config
        .properties()
        .forEach(
            field -> {
              if (field.getKey().endsWith("_token")) {
                put(tokens, field.getKey(), field.getValue());
              }
            });
  }

  /** Either the text itself, or an object with its properties; {@code null} where there is none. */
  private static void put(Map<String, Object> tokens, String name, JsonNode token) {
    JsonNode text = token.isObject() ? token.path("content") : token;
    if (text.isTextual()) {
      tokens.put(name, text.textValue());
    } else if (text.isNull()) {
      tokens.remove(name);
    }
  }
}
