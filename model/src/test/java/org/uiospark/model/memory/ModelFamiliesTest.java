package org.uiospark.model.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.uiospark.model.InvalidInputException;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.safetensors.FloatTensor;
import org.uiospark.model.safetensors.SafetensorsWriter;

/**
 * Each model of the Llama family, tiny and random, against {@link ReferenceModel}: losses, next
 * token, and the exact gradient along a random direction of every tensor of the adapter.
 */
class ModelFamiliesTest {
  private static final SegmentSettings SEGMENTS = new SegmentSettings(8, 2);
  private static final int RANK = 3;
  private static final double ALPHA = 6;

  /** What config.json says besides the sizes below. */
  private static final Map<String, String> FAMILIES = new TreeMap<>();

  static {
    FAMILIES.putAll(
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
    FAMILIES.putAll(
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

  private static final int VOCABULARY = 50;

  private static final String SIZES =
      String.format(
          Locale.ROOT,
          """
      "hidden_size": 32, "intermediate_size": 44, "num_hidden_layers": 3, "num_attention_heads": 4,
      "vocab_size": %d, "rms_norm_eps": 1e-5, "bos_token_id": 1, "eos_token_id": 2
      """,
          VOCABULARY);

  @TempDir Path folder;

  static Stream<Arguments> cases() {
    return FAMILIES.keySet().stream()
        .flatMap(
            name -> Stream.of(MatrixProducts.values()).map(product -> Arguments.of(name, product)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lossesNextTokenAndGradientAreThoseOfTheReference(String name, MatrixProducts products)
      throws IOException {
    write(FAMILIES.get(name));
    assertThatAllAgree(SEGMENTS, sequence(36), products);
  }

  /** Of a segment of 260 tokens the kernels take 256 queries at a time, and then the rest. */
  @ParameterizedTest
  @EnumSource
  void longSegmentsAreComputedAsTheReferenceDoes(MatrixProducts products) throws IOException {
    write(FAMILIES.get("qwen 2"));
    assertThatAllAgree(new SegmentSettings(260, 2), sequence(520), products);
  }

  /**
   * Pairs of a memory that weigh differently have a sum of their own over t, which {@code exact}
   * does not need: the encoder's gradients through pairs 1, 2, 3 and 4 segments apart add up to it.
   */
  @ParameterizedTest
  @MethodSource("cases")
  void gradientsOfSinglePairsAddUpToTheExactOne(String name, MatrixProducts products)
      throws IOException {
    write(FAMILIES.get(name));
    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32);
        MemoryModel model = model(base, products)) {
      float[] exact = gradient(model, new Estimator.Exact().draw(5, new SplittableRandom(0)));
      float[] transferAlone = gradient(model, apart(5));
      float[] sum = transferAlone.clone();
      for (int distance = 1; distance < 5; distance++) {
        float[] pairs = gradient(model, apart(distance));
        for (int i = 0; i < sum.length; i++) {
          sum[i] += pairs[i] - transferAlone[i];
        }
      }
      assertThat(distance(sum, exact)).isLessThan(1e-5);
    }
  }

  /** Of five segments each with the one that lies so far before it. */
  private static PairWeights apart(int distance) {
    return PairWeights.ofReservoir(
        IntStream.range(0, 5)
            .mapToObj(t -> t < distance ? Set.<Integer>of() : Set.of(t - distance))
            .toList(),
        5);
  }

  /** Eight bits of mantissa. */
  @ParameterizedTest
  @MethodSource("names")
  void aBfloat16BaseGivesNearlyTheSameLossAndGradient(String name) throws IOException {
    write(FAMILIES.get(name));
    PairWeights weights = new Estimator.Exact().draw(5, new SplittableRandom(0));
    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32);
        FrozenLlama half = FrozenLlama.load(folder, Device.cpu(), BasePrecision.BFLOAT16);
        MemoryModel model = model(base, MatrixProducts.LIBTORCH);
        MemoryModel halfModel = model(half, MatrixProducts.LIBTORCH);
        DeviceAdapter adapter = model.upload(adapter(model.shape()));
        DeviceAdapter halfAdapter = halfModel.upload(adapter(model.shape()))) {
      double loss = new SequenceGradient(model, 0).add(adapter, sequence(36), weights).sum();
      SequenceGradient gradient = new SequenceGradient(halfModel, 0);
      assertThat(gradient.add(halfAdapter, sequence(36), weights).sum())
          .isCloseTo(loss, within(0.05 * loss));
      assertThat(distance(halfAdapter.gradientValues(), adapter.gradientValues())).isLessThan(0.3);
    }
  }

  /** A token's logits do not change with what follows it, however the text comes. */
  @ParameterizedTest
  @MethodSource("cases")
  void readingTokenByTokenGivesTheLogitsOfReadingAtOnce(String name, MatrixProducts products)
      throws IOException {
    write(FAMILIES.get(name));
    int[] ids = sequence(36).inputIds();
    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32);
        MemoryModel model = model(base, products);
        DeviceAdapter adapter = model.upload(adapter(model.shape()));
        MemoryReader atOnce = new MemoryReader(model, adapter);
        MemoryReader byToken = new MemoryReader(model, adapter)) {
      float[] expected = atOnce.read(ids);
      float[] logits = null;
      for (int id : ids) {
        logits = byToken.read(id);
      }
      for (int i = 0; i < expected.length; i++) {
        assertThat(logits[i]).isCloseTo(expected[i], within(1e-4f));
      }
    }
  }

  static Set<String> names() {
    return FAMILIES.keySet();
  }

  private static MemoryModel model(FrozenLlama base, MatrixProducts products) {
    AdapterShape shape = AdapterShape.of(base.config(), RANK, ALPHA);
    return new MemoryModel(base, SEGMENTS, shape, new Arithmetic(products, 1));
  }

  private static float[] gradient(MemoryModel model, PairWeights weights) {
    try (DeviceAdapter adapter = model.upload(adapter(model.shape()))) {
      new SequenceGradient(model, Long.MAX_VALUE).add(adapter, sequence(36), weights);
      return adapter.gradientValues();
    }
  }

  private static double distance(float[] a, float[] b) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < a.length; i++) {
      difference += Math.pow(a[i] - b[i], 2);
      norm += Math.pow(b[i], 2);
    }
    return Math.sqrt(difference / norm);
  }

  private void assertThatAllAgree(
      SegmentSettings segments, TokenSequence sequence, MatrixProducts products)
      throws IOException {
    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32);
        MemoryModel model =
            new MemoryModel(
                base,
                segments,
                AdapterShape.of(base.config(), RANK, ALPHA),
                new Arithmetic(products, 1));
        DeviceAdapter adapter = model.upload(adapter(model.shape()))) {
      ReferenceModel reference =
          new ReferenceModel(
              folder, segments.segmentLength(), segments.memoryTokens(), model.shape().scale());
      Map<String, double[]> values =
          ReferenceModel.tensors(model.shape(), adapter(model.shape()).values());
      List<Double> expected = reference.losses(sequence, values);

      SequenceLoss loss =
          new SequenceGradient(model, 0)
              .add(
                  adapter,
                  sequence,
                  new Estimator.Exact().draw(expected.size(), new SplittableRandom(0)));
      assertClose(loss.sums(), expected, 1e-5);
      assertClose(
          new SequenceEvaluation(model).withMemory(adapter, sequence).sums(), expected, 1e-5);

      double[] next = reference.next(sequence.inputIds(), values);
      try (MemoryReader reader = new MemoryReader(model, adapter)) {
        float[] logits = reader.read(sequence.inputIds());
        assertThat(logits).hasSameSizeAs(next);
        for (int i = 0; i < next.length; i++) {
          assertThat((double) logits[i]).isCloseTo(next[i], within(1e-4));
        }
      }

      ReferenceGradient.of(values, moved -> reference.loss(sequence, moved))
          .assertClose(ReferenceModel.tensors(model.shape(), adapter.gradientValues()));
    }
  }

  @Test
  void segmentsWithinWhichDynamicRopeChangesAreRefused() throws IOException {
    write(FAMILIES.get("llama, dynamic beyond its window").replace(": 10,", ": 8,"));
    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32)) {
      assertThatThrownBy(() -> model(base, MatrixProducts.LIBTORCH).close())
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("segment-length 8")
          .hasMessageContaining("changes beyond 8 positions (max_position_embeddings)")
          .hasMessageNotContaining("\n");
    }
  }

  @Test
  void segmentsAsLongAsTheSlidingWindowAreRefused() throws IOException {
    write(FAMILIES.get("mistral").replace("\"sliding_window\": 9", "\"sliding_window\": 8"));
    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32)) {
      AdapterShape shape = AdapterShape.of(base.config(), RANK, ALPHA);
      assertThatThrownBy(() -> new MemoryModel(base, SEGMENTS, shape).close())
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("segment-length 8")
          .hasMessageContaining("see the last 8 (sliding_window)")
          .hasMessageNotContaining("\n");
      assertThat(base.config().nativeWindow()).isEqualTo(8);
    }
  }

  /** Weights large enough that attention is far from uniform and every part of a layer counts. */
  private void write(String family) throws IOException {
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

  private static Adapter adapter(AdapterShape shape) {
    SplittableRandom random = new SplittableRandom(2);
    float[] values = new float[shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.2 * random.nextGaussian());
    }
    return new Adapter(shape, values);
  }

  /** Random tokens; some labels do not count. */
  private static TokenSequence sequence(int tokens) {
    int[] ids = new SplittableRandom(3).ints(tokens, 0, VOCABULARY).toArray();
    int[] labels = ids.clone();
    for (int j = 10; j < 15; j++) {
      labels[j] = TokenSequence.IGNORED;
    }
    return new TokenSequence("random", 0, ids, labels);
  }

  private static void assertClose(List<Double> actual, List<Double> expected, double tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int t = 0; t < expected.size(); t++) {
      assertThat(actual.get(t)).isCloseTo(expected.get(t), within(tolerance * expected.get(t)));
    }
  }
}
