package org.uiospark.model.llama;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;

/**
 * Reads {@code config.json} of a HuggingFace checkpoint; refuses what the kernels do not compute.
 */
final class LlamaConfigReader {
  private final Path file;
  private final JsonNode root;
  private final Architecture architecture;

  private LlamaConfigReader(Path file, JsonNode root) {
    this.file = file;
    this.root = root;
    this.architecture = architecture();
  }

  static LlamaConfig read(Path file) {
    LlamaConfigReader reader = new LlamaConfigReader(file, InputJson.object(file));
    try {
      reader.refuseUnsupported();
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
    boolean divided = !has("head_dim") && architecture.defaultHeadDim().isEmpty();
    if (divided && hidden % heads != 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "hidden_size %d is not divisible by num_attention_heads %d; give head_dim",
              hidden,
              heads));
    }
    int window = integer("max_position_embeddings", architecture.defaultWindow());
    RopeReader rope = new RopeReader(root, window);
    return new LlamaConfig(
        hidden,
        integer("intermediate_size"),
        integer("num_hidden_layers"),
        number(root, "rms_norm_eps").orElse(1e-6),
        new AttentionConfig(
            heads,
            kvHeads(heads),
            integer("head_dim", architecture.defaultHeadDim().orElse(hidden / heads)),
            attentionBias(),
            architecture == Architecture.QWEN3,
            slidingWindow()),
        new RotaryConfig(rope.theta(), rope.scaling(), window),
        new VocabularyConfig(
            integer("vocab_size"),
            flag("tie_word_embeddings"),
            integer("bos_token_id", -1),
            eosTokenIds()));
  }

  private Architecture architecture() {
    List<String> names = new ArrayList<>();
    root.path("architectures").forEach(name -> names.add(name.asText()));
    String type = root.path("model_type").asText();
    Optional<Architecture> found =
        switch (names.size()) {
          case 0 -> Architecture.typed(type);
          case 1 -> Architecture.named(names.get(0));
          default -> Optional.empty();
        };
    String none = type.isEmpty() ? "(none named)" : "(none named) of model_type " + type;
    return found.orElseThrow(
        () ->
            new InvalidInputException(
                String.format(
                    Locale.ROOT,
                    "%s: architecture %s is not supported; supported: %s",
                    file,
                    names.isEmpty() ? none : String.join(", ", names),
                    Architecture.supported())));
  }

  /** A file with null has as many as heads, one without the key what the family takes for it. */
  private int kvHeads(int heads) {
    if (root.has("num_key_value_heads")) {
      return integer("num_key_value_heads", heads);
    }
    int absent = architecture.defaultKvHeads().orElse(heads);
    if (heads % absent != 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "num_key_value_heads is missing, and the %d of %s do not divide num_attention_heads %d; give it",
              absent,
              architecture.className(),
              heads));
    }
    return absent;
  }

  private AttentionBias attentionBias() {
    if (architecture == Architecture.QWEN2) {
      return AttentionBias.QUERY_KEY_VALUE;
    }
    return flag("attention_bias") ? AttentionBias.ALL : AttentionBias.NONE;
  }

  private void refuseUnsupported() {
    if (has("hidden_act") && !root.get("hidden_act").asText().equals("silu")) {
      throw unsupported("hidden_act", "silu");
    }
    for (String key : List.of("attention_bias", "mlp_bias", "use_sliding_window")) {
      boolean read = key.equals("attention_bias") && architecture.readsAttentionBias();
      if (flag(key) && !read) {
        throw unsupported(key, "false");
      }
    }
    // Quantized weights are other functions of the same tensors: computing on would give plausible,
    // wrong numbers.
    if (has("quantization_config")) {
      throw unsupported("quantization_config", "null");
    }
    for (JsonNode type : root.path("layer_types")) {
      if (!type.asText().equals("full_attention")) {
        throw unsupported("layer_types", "full_attention in each");
      }
    }
    for (JsonNode node : List.of(root, root.path(RopeReader.OLD), root.path(RopeReader.NEW))) {
      if (number(node, "partial_rotary_factor").orElse(1d) != 1) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "partial_rotary_factor %s is not supported; supported: 1",
                node.get("partial_rotary_factor")));
      }
    }
  }

  private InvalidInputException unsupported(String key, String supported) {
    return new InvalidInputException(
        String.format(
            Locale.ROOT,
            "%s: %s %s is not supported; supported: %s",
            file,
            key,
            root.get(key),
            supported));
  }

  /**
   * Of a Mistral file; one that does not say has the window of the first of them. In files of Qwen2
   * it stands unused beside {@code use_sliding_window} false.
   */
  private int slidingWindow() {
    boolean stated = root.has("sliding_window");
    if (architecture != Architecture.MISTRAL || (stated && !has("sliding_window"))) {
      return 0;
    }
    int window = integer("sliding_window", 4096);
    if (window < 1) {
      throw new InvalidInputException("sliding_window must be positive, not " + window);
    }
    return window;
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
          String.format(Locale.ROOT, "%s: %s must be true or false, not %s", file, key, value));
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
          String.format(Locale.ROOT, "%s: %s must be an integer, not %s", file, key, value));
    }
    return value.intValue();
  }

  /**
   * Reads an object in the file, whose name the message gets from {@link #read}; empty if absent.
   */
  static Optional<Double> number(JsonNode node, String key) {
    if (!node.hasNonNull(key)) {
      return Optional.empty();
    }
    JsonNode value = node.get(key);
    if (!value.isNumber()) {
      throw new InvalidInputException(
          String.format(Locale.ROOT, "%s must be a number, not %s", key, value));
    }
    return Optional.of(value.doubleValue());
  }
}
