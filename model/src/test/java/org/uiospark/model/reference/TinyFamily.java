package org.uiospark.model.reference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.uiospark.model.safetensors.FloatTensor;
import org.uiospark.model.safetensors.SafetensorsWriter;

/** Tiny random models of the Llama family, as {@code config.json} tells them. */
public final class TinyFamily {
  private TinyFamily() {}

  /** What config.json says besides the sizes below. */
  public static final Map<String, String> ALL = new TreeMap<>();

  static {
    ALL.putAll(
        Map.of(
            "llama 3",
            """
          "architectures": ["LlamaForCausalLM"], "num_key_value_heads": 2, "rope_theta": 10000.0,
          "tie_word_embeddings": true, "rope_scaling": {"rope_type": "llama3", "factor": 8.0,
          "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 128}
          """,
            "llama 3, as newer files have it",
            """
          "architectures": ["LlamaForCausalLM"], "num_key_value_heads": 4,
          "rope_parameters": {"rope_theta": 500.0, "rope_type": "llama3", "factor": 32.0,
          "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64}
          """,
            "llama 2, linear scaling",
            """
          "architectures": ["LlamaForCausalLM"], "rope_theta": 10000.0,
          "rope_scaling": {"type": "linear", "factor": 4.0}
          """,
            "mistral",
            """
          "architectures": ["MistralForCausalLM"], "num_key_value_heads": 2, "head_dim": 10,
          "rope_theta": 1000000.0, "sliding_window": 9
          """,
            "qwen 2",
            """
          "architectures": ["Qwen2ForCausalLM"], "num_key_value_heads": 2, "rope_theta": 1000000.0,
          "sliding_window": 4, "use_sliding_window": false
          """,
            "qwen 2, tied",
            """
          "architectures": ["Qwen2ForCausalLM"], "num_key_value_heads": 4, "rope_theta": 10000.0,
          "tie_word_embeddings": true
          """));
    ALL.putAll(
        Map.of(
            "qwen 3",
            """
          "architectures": ["Qwen3ForCausalLM"], "num_key_value_heads": 2, "head_dim": 10,
          "rope_theta": 1000000.0, "tie_word_embeddings": true, "attention_bias": false,
          "sliding_window": null, "use_sliding_window": false
          """,
            "qwen 3 with bias and yarn",
            """
          "architectures": ["Qwen3ForCausalLM"], "num_key_value_heads": 1, "head_dim": 16,
          "attention_bias": true, "max_position_embeddings": 16, "rope_parameters": {
          "rope_theta": 10000.0, "rope_type": "yarn", "factor": 4.0, "beta_fast": 1.0,
          "beta_slow": 0.02, "original_max_position_embeddings": 16}
          """,
            "llama with attention_bias",
            """
          "architectures": ["LlamaForCausalLM"], "num_key_value_heads": 2, "rope_theta": 10000.0,
          "attention_bias": true
          """,
            "llama, yarn without truncation",
            """
          "architectures": ["LlamaForCausalLM"], "num_key_value_heads": 2,
          "max_position_embeddings": 64, "rope_scaling": {"rope_theta": 500.0, "type": "yarn",
          "factor": 8.0, "beta_fast": 2, "beta_slow": 0.1, "mscale": 0.7, "mscale_all_dim": 1.3,
          "truncate": false}
          """,
            "qwen 2, yarn with a factor of its own",
            """
          "architectures": ["Qwen2ForCausalLM"], "num_key_value_heads": 4, "rope_theta": 1000000.0,
          "rope_scaling": {"rope_type": "yarn", "factor": 2.0, "attention_factor": 1.3,
          "original_max_position_embeddings": 32}
          """,
            "llama, dynamic beyond its window",
            """
          "architectures": ["LlamaForCausalLM"], "num_key_value_heads": 2, "rope_theta": 10000.0,
          "max_position_embeddings": 10, "rope_scaling": {"type": "dynamic", "factor": 3.0}
          """,
            "qwen 3, dynamic beyond its window",
            """
          "architectures": ["Qwen3ForCausalLM"], "num_key_value_heads": 2, "head_dim": 6,
          "max_position_embeddings": 11,
          "rope_parameters": {"rope_theta": 100.0, "rope_type": "dynamic", "factor": 2.0}
          """));
  }

  public static final int VOCABULARY = 50;

  private static final String SIZES =
      String.format(
          Locale.ROOT,
          """
      "hidden_size": 32, "intermediate_size": 44, "num_hidden_layers": 3, "num_attention_heads": 4,
      "vocab_size": %d, "rms_norm_eps": 1e-5, "bos_token_id": 1, "eos_token_id": 2
      """,
          VOCABULARY);

  /** Weights large enough that attention is far from uniform and every part of a layer counts. */
  public static void write(Path folder, String family) throws IOException {
    String text = "{" + SIZES.strip() + ", " + family + "}";
    Files.writeString(folder.resolve("config.json"), text);
    JsonNode config = new ObjectMapper().readTree(text);
    int hidden = config.get("hidden_size").asInt();
    int inner = config.get("intermediate_size").asInt();
    int vocabulary = config.get("vocab_size").asInt();
    int heads = config.get("num_attention_heads").asInt();
    int headDim = config.path("head_dim").asInt(hidden / heads);
    int queries = heads * headDim;
    int keys = config.path("num_key_value_heads").asInt(heads) * headDim;
    String architecture = config.at("/architectures/0").asText();
    boolean outputBias = config.path("attention_bias").asBoolean();
    boolean bias = outputBias || architecture.startsWith("Qwen2");
    SplittableRandom random = new SplittableRandom(family.length());
    List<FloatTensor> tensors = new ArrayList<>();
    tensors.add(matrix("model.embed_tokens.weight", vocabulary, hidden, random));
    tensors.add(vector("model.norm.weight", hidden, 1, random));
    if (!config.path("tie_word_embeddings").asBoolean()) {
      tensors.add(matrix("lm_head.weight", vocabulary, hidden, random));
    }
    for (int i = 0; i < config.get("num_hidden_layers").asInt(); i++) {
      String layer = "model.layers." + i + ".";
      tensors.add(vector(layer + "input_layernorm.weight", hidden, 1, random));
      tensors.add(vector(layer + "post_attention_layernorm.weight", hidden, 1, random));
      Map<String, Integer> widths = Map.of("q", queries, "k", keys, "v", keys);
      for (Map.Entry<String, Integer> entry : widths.entrySet()) {
        String module = layer + "self_attn." + entry.getKey() + "_proj.";
        tensors.add(matrix(module + "weight", entry.getValue(), hidden, random));
        if (bias) {
          tensors.add(vector(module + "bias", entry.getValue(), 0, random));
        }
      }
      tensors.add(matrix(layer + "self_attn.o_proj.weight", hidden, queries, random));
      if (outputBias) {
        tensors.add(vector(layer + "self_attn.o_proj.bias", hidden, 0, random));
      }
      if (architecture.startsWith("Qwen3")) {
        tensors.add(vector(layer + "self_attn.q_norm.weight", headDim, 1, random));
        tensors.add(vector(layer + "self_attn.k_norm.weight", headDim, 1, random));
      }
      tensors.add(matrix(layer + "mlp.gate_proj.weight", inner, hidden, random));
      tensors.add(matrix(layer + "mlp.up_proj.weight", inner, hidden, random));
      tensors.add(matrix(layer + "mlp.down_proj.weight", hidden, inner, random));
    }
    SafetensorsWriter.write(folder.resolve("model.safetensors"), Map.of("format", "pt"), tensors);
  }

  private static FloatTensor matrix(String name, int rows, int columns, SplittableRandom random) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (1.5 * random.nextGaussian() / Math.sqrt(columns));
    }
    return new FloatTensor(name, new long[] {rows, columns}, values, 0);
  }

  private static FloatTensor vector(String name, int size, double mean, SplittableRandom random) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (mean + 0.3 * random.nextGaussian());
    }
    return FloatTensor.vector(name, values);
  }
}
