package org.uiospark.model.llama;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.uiospark.model.safetensors.FloatTensor;
import org.uiospark.model.safetensors.SafetensorsWriter;

/** A model of any size with random weights, for measuring: it has learned nothing. */
public final class RandomLlama {
  private static final double DEVIATION = 0.02;

  private RandomLlama() {}

  /**
   * Writes {@code config.json} and {@code model.safetensors} in HuggingFace layout: normal weights
   * of deviation 0.02, norms 1. The weights pass through the heap as a whole.
   *
   * @param folder is created
   * @param seed each tensor draws from a generator of its own, keyed by the seed and its name
   */
  public static void write(Path folder, LlamaConfig config, long seed) {
    List<FloatTensor> tensors = new ArrayList<>();
    LlamaTensors.of(config)
        .forEach(
            (name, shape) -> tensors.add(new FloatTensor(name, shape, draw(name, shape, seed), 0)));
    try {
      Files.createDirectories(folder);
      SafetensorsWriter.write(folder.resolve("model.safetensors"), Map.of("format", "pt"), tensors);
      Files.write(folder.resolve("config.json"), json(config));
    } catch (IOException e) {
      throw new UncheckedIOException("random model " + folder + " cannot be written", e);
    }
  }

  private static float[] draw(String name, long[] shape, long seed) {
    long size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    float[] values = new float[Math.toIntExact(size)];
    if (shape.length == 1 && !name.endsWith(".bias")) {
      Arrays.fill(values, 1);
      return values;
    }
    SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + name.hashCode());
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * DEVIATION);
    }
    return values;
  }

  private static byte[] json(LlamaConfig config) throws IOException {
    JsonMapper mapper = JsonMapper.builder().build();
    ObjectNode json = mapper.createObjectNode();
    Architecture architecture = Architecture.of(config);
    json.putArray("architectures").add(architecture.className());
    json.put("model_type", architecture.modelType())
        .put("hidden_size", config.hiddenSize())
        .put("intermediate_size", config.intermediateSize())
        .put("num_hidden_layers", config.layers())
        .put("num_attention_heads", config.attention().heads())
        .put("num_key_value_heads", config.attention().kvHeads())
        .put("head_dim", config.attention().headDim())
        .put("vocab_size", config.vocabSize())
        .put("rms_norm_eps", config.rmsNormEps())
        .put("rope_theta", config.rotary().theta())
        .put("max_position_embeddings", config.rotary().maxPositions())
        .put("hidden_act", "silu")
        .put("attention_bias", config.attention().bias() == AttentionBias.ALL)
        .put("tie_word_embeddings", config.vocabulary().tied())
        .put("bos_token_id", config.vocabulary().bosTokenId())
        .put("torch_dtype", "float32");
    if (architecture == Architecture.MISTRAL) {
      json.put("sliding_window", config.attention().slidingWindow());
    }
    rope(config.rotary().scaling(), json);
    config.vocabulary().eosTokenIds().forEach(json.putArray("eos_token_id")::add);
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
  }

  private static void rope(RopeScaling scaling, ObjectNode json) {
    if (scaling instanceof RopeScaling.Llama3 llama3) {
      json.putObject("rope_scaling")
          .put("rope_type", "llama3")
          .put("factor", llama3.factor())
          .put("low_freq_factor", llama3.lowFrequencyFactor())
          .put("high_freq_factor", llama3.highFrequencyFactor())
          .put("original_max_position_embeddings", llama3.originalWindow());
    } else if (scaling instanceof RopeScaling.Yarn yarn) {
      json.putObject("rope_scaling")
          .put("rope_type", "yarn")
          .put("factor", yarn.factor())
          .put("beta_fast", yarn.betaFast())
          .put("beta_slow", yarn.betaSlow())
          .put("original_max_position_embeddings", yarn.originalWindow())
          .put("attention_factor", yarn.magnitude())
          .put("truncate", yarn.truncate());
    } else if (scaling instanceof RopeScaling.Dynamic dynamic) {
      json.putObject("rope_scaling").put("rope_type", "dynamic").put("factor", dynamic.factor());
    } else if (scaling instanceof RopeScaling.Linear linear && linear.factor() != 1) {
      json.putObject("rope_scaling").put("rope_type", "linear").put("factor", linear.factor());
    }
  }
}
