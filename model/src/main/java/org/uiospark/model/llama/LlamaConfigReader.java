package org.uiospark.model.llama;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.uiospark.model.InvalidInputException;
import org.uiospark.model.input.InputJson;

/**
 * Reads {@code config.json} of a HuggingFace checkpoint; refuses what the kernels do not compute.
 */
final class LlamaConfigReader {
  private static final String SUPPORTED = "LlamaForCausalLM";

  private final Path file;
  private final JsonNode root;

  private LlamaConfigReader(Path file, JsonNode root) {
    this.file = file;
    this.root = root;
  }

  static LlamaConfig read(Path file) {
    LlamaConfigReader reader = new LlamaConfigReader(file, InputJson.object(file));
    reader.refuseUnsupported();
    try {
      return reader.config();
    } catch (InvalidInputException e) {
      String message = e.getMessage();
      throw message.startsWith(file.toString())
          ? e
          : new InvalidInputException(file + ": " + message, e);
    }
  }

  private LlamaConfig config() {
    int hidden = integer("hidden_size");
    int heads = integer("num_attention_heads");
    if (heads < 1) {
      throw new InvalidInputException("num_attention_heads must be positive, not " + heads);
    }
    if (!has("head_dim") && hidden % heads != 0) {
      throw new InvalidInputException(
          "hidden_size %d is not divisible by num_attention_heads %d; give head_dim"
              .formatted(hidden, heads));
    }
    int vocabulary = integer("vocab_size");
    int bos = integer("bos_token_id", -1);
    LlamaConfig config =
        new LlamaConfig(
            hidden,
            integer("intermediate_size"),
            integer("num_hidden_layers"),
            heads,
            integer("num_key_value_heads", heads),
            integer("head_dim", hidden / heads),
            vocabulary,
            number(root, "rms_norm_eps", 1e-6),
            ropeTheta(),
            integer("max_position_embeddings", 2048),
            flag("tie_word_embeddings"),
            bos,
            eosTokenIds());
    if (bos < -1 || bos >= vocabulary) {
      throw new InvalidInputException(
          "bos_token_id %d is outside the vocabulary of %d".formatted(bos, vocabulary));
    }
    return config;
  }

  private void refuseUnsupported() {
    List<String> architectures = new ArrayList<>();
    root.path("architectures").forEach(name -> architectures.add(name.asText()));
    if (!architectures.equals(List.of(SUPPORTED))) {
      throw new InvalidInputException(
          "%s: architecture %s is not supported; supported: %s"
              .formatted(
                  file,
                  architectures.isEmpty() ? "(none named)" : String.join(", ", architectures),
                  SUPPORTED));
    }
    if (has("hidden_act") && !root.get("hidden_act").asText().equals("silu")) {
      throw unsupported("hidden_act", "silu");
    }
    for (String key : List.of("attention_bias", "mlp_bias")) {
      if (flag(key)) {
        throw unsupported(key, "false");
      }
    }
    // Scaled rotary embeddings and quantized weights are other functions of the same tensors:
    // computing on would give plausible, wrong numbers.
    for (String key : List.of("rope_scaling", "quantization_config")) {
      if (has(key)) {
        throw unsupported(key, "null");
      }
    }
    if (number(root, "partial_rotary_factor", 1) != 1) {
      throw unsupported("partial_rotary_factor", "1");
    }
    if (!root.path("rope_parameters").path("rope_type").asText("default").equals("default")) {
      throw unsupported("rope_parameters", "rope_type default");
    }
  }

  private InvalidInputException unsupported(String key, String supported) {
    return new InvalidInputException(
        "%s: %s %s is not supported; supported: %s".formatted(file, key, root.get(key), supported));
  }

  /** Newer files keep the base in {@code rope_parameters}. */
  private double ropeTheta() {
    return number(root, "rope_theta", number(root.path("rope_parameters"), "rope_theta", 10000));
  }

  private List<Integer> eosTokenIds() {
    JsonNode value = root.path("eos_token_id");
    List<Integer> ids = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(id -> ids.add(integer("eos_token_id", id)));
    } else if (has("eos_token_id")) {
      ids.add(integer("eos_token_id", value));
    }
    return ids;
  }

  private boolean has(String key) {
    return root.hasNonNull(key);
  }

  private boolean flag(String key) {
    JsonNode value = root.path(key);
    if (has(key) && !value.isBoolean()) {
      throw new InvalidInputException(
          "%s: %s must be true or false, not %s".formatted(file, key, value));
    }
    return value.booleanValue();
  }

  private int integer(String key, int absent) {
    return has(key) ? integer(key, root.get(key)) : absent;
  }

  private int integer(String key) {
    if (!has(key)) {
      throw new InvalidInputException(file + ": " + key + " is missing");
    }
    return integer(key, root.get(key));
  }

  private int integer(String key, JsonNode value) {
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw new InvalidInputException(
          "%s: %s must be an integer, not %s".formatted(file, key, value));
    }
    return value.intValue();
  }

  private double number(JsonNode node, String key, double absent) {
    if (!node.hasNonNull(key)) {
      return absent;
    }
    JsonNode value = node.get(key);
    if (!value.isNumber()) {
      throw new InvalidInputException(
          "%s: %s must be a number, not %s".formatted(file, key, value));
    }
    return value.doubleValue();
  }
}
