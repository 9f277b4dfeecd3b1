package org.uiospark.model.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.safetensors.FloatTensor;
import org.uiospark.model.safetensors.SafetensorsFile;
import org.uiospark.model.safetensors.SafetensorsWriter;

class LlamaCheckpointTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
  private static final String INDEX = "model.safetensors.index.json";

  @TempDir Path folder;

  /** The tensors of a fixture, to be written again with a change. */
  private static Map<String, FloatTensor> tensors(String fixture) {
    Map<String, FloatTensor> tensors = new LinkedHashMap<>();
    try (SafetensorsFile file =
        SafetensorsFile.open(FIXTURES.resolve(fixture + "/model.safetensors"))) {
      for (String name : file.names()) {
        tensors.put(name, new FloatTensor(name, file.shape(name), file.tensor(name).floats(), 0));
      }
    }
    return tensors;
  }

  private void copyConfig(String fixture, Consumer<ObjectNode> change) throws IOException {
    ObjectNode config =
        (ObjectNode) JSON.readTree(FIXTURES.resolve(fixture + "/config.json").toFile());
    change.accept(config);
    JSON.writeValue(folder.resolve("config.json").toFile(), config);
  }

  private void write(String file, Iterable<FloatTensor> tensors) throws IOException {
    List<FloatTensor> list = new ArrayList<>();
    tensors.forEach(list::add);
    SafetensorsWriter.write(folder.resolve(file), Map.of("format", "pt"), list);
  }

  private void refused(String message) {
    assertThatThrownBy(() -> LlamaCheckpoint.open(folder).close())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"mha", "gqa-tied"})
  void goldenModelsOpen(String fixture) {
    try (LlamaCheckpoint model = LlamaCheckpoint.open(FIXTURES.resolve(fixture))) {
      LlamaConfig config = model.config();
      assertThat(config.rmsNormEps()).isEqualTo(1e-5);
      assertThat(config.rotary().theta()).isEqualTo(10000);
      assertThat(config.vocabulary().eosTokenIds()).containsExactly(2);
      assertThat(config.vocabulary().bosTokenId()).isEqualTo(1);
      assertThat(config.attention().headDim() * config.attention().heads())
          .isEqualTo(config.hiddenSize());
      assertThat(model.fingerprint()).matches("[0-9a-f]{64}");
      for (String name : model.names()) {
        assertThat(model.tensor(name).floats()).isNotEmpty();
      }
      assertThat(model.names().contains("lm_head.weight")).isEqualTo(fixture.equals("mha"));
      float[] table = model.tensor("model.embed_tokens.weight").floats();
      assertThat(model.embedding(2)[3]).isEqualTo(table[2 * config.hiddenSize() + 3]);
      assertThatThrownBy(() -> model.embedding(config.vocabSize()))
          .isInstanceOf(InvalidInputException.class);
    }
  }

  @Test
  void shardsHoldTheSameModel() throws IOException {
    copyConfig("mha", config -> {});
    Map<String, FloatTensor> all = tensors("mha");
    Map<String, String> weightMap = new LinkedHashMap<>();
    List<FloatTensor> first = new ArrayList<>();
    List<FloatTensor> second = new ArrayList<>();
    for (FloatTensor tensor : all.values()) {
      boolean one = first.size() <= second.size();
      (one ? first : second).add(tensor);
      weightMap.put(tensor.name(), one ? "one.safetensors" : "two.safetensors");
    }
    write("one.safetensors", first);
    write("two.safetensors", second);
    JSON.writeValue(folder.resolve(INDEX).toFile(), Map.of("weight_map", weightMap));
    try (LlamaCheckpoint sharded = LlamaCheckpoint.open(folder);
        LlamaCheckpoint whole = LlamaCheckpoint.open(FIXTURES.resolve("mha"))) {
      assertThat(sharded.fingerprint()).isEqualTo(whole.fingerprint());
    }

    String moved = second.get(0).name();
    weightMap.put(moved, "one.safetensors");
    JSON.writeValue(folder.resolve(INDEX).toFile(), Map.of("weight_map", weightMap));
    refused("lists tensor " + moved + " in one.safetensors, which does not hold it");

    weightMap.put(moved, "two.safetensors");
    first.add(second.get(0));
    write("one.safetensors", first);
    JSON.writeValue(folder.resolve(INDEX).toFile(), Map.of("weight_map", weightMap));
    refused("tensor " + moved + " is in two files");

    Files.delete(folder.resolve("two.safetensors"));
    refused("two.safetensors does not exist");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x.safetensors", "/x.safetensors", "a/x.safetensors", "..", ""})
  void shardOutsideTheFolderIsRefused(String shard) throws IOException {
    copyConfig("mha", config -> {});
    JSON.writeValue(
        folder.resolve(INDEX).toFile(), Map.of("weight_map", Map.of("lm_head.weight", shard)));
    refused("names the file \"" + shard + "\"; it must be a file of the same folder");
  }

  @Test
  void shardWhoseNameNoFileCanHaveIsRefused() throws IOException {
    copyConfig("mha", config -> {});
    Files.writeString(
        folder.resolve(INDEX), "{\"weight_map\": {\"lm_head.weight\": \"\\ud800.safetensors\"}}");
    refused("it must be a file of the same folder");
  }

  @Test
  void fingerprintDependsOnWeightsAndShape() throws IOException {
    copyConfig("gqa-tied", config -> {});
    Map<String, FloatTensor> all = tensors("gqa-tied");
    all.get("model.norm.weight").values()[5] += 1e-3f;
    write("model.safetensors", all.values());
    String original;
    try (LlamaCheckpoint model = LlamaCheckpoint.open(FIXTURES.resolve("gqa-tied"))) {
      original = model.fingerprint();
    }
    try (LlamaCheckpoint changed = LlamaCheckpoint.open(folder)) {
      assertThat(changed.fingerprint()).isNotEqualTo(original);
    }
    write("model.safetensors", tensors("gqa-tied").values());
    try (LlamaCheckpoint same = LlamaCheckpoint.open(folder)) {
      assertThat(same.fingerprint()).isEqualTo(original);
    }
    copyConfig("gqa-tied", config -> config.put("rope_theta", 500000));
    try (LlamaCheckpoint rotated = LlamaCheckpoint.open(folder)) {
      assertThat(rotated.fingerprint()).isNotEqualTo(original);
    }
    copyConfig(
        "gqa-tied",
        config -> config.putObject("rope_scaling").put("type", "linear").put("factor", 2));
    try (LlamaCheckpoint scaled = LlamaCheckpoint.open(folder)) {
      assertThat(scaled.fingerprint()).isNotEqualTo(original);
    }
  }

  /**
   * Adapters stay bound to models that earlier versions knew: SHA-256 by the rules of {@link
   * BaseModelFingerprint}, computed by Python's hashlib from config.json and the file.
   */
  @Test
  void fingerprintOfAPlainModelStaysWhatItWas() {
    try (LlamaCheckpoint model = LlamaCheckpoint.open(FIXTURES.resolve("mha"))) {
      assertThat(model.fingerprint())
          .isEqualTo("608287e7cc78950bd719f34de0f5131472566ed7577a95a0c2f633b65c2cdc67");
    }
  }

  /** Each changes what the model computes, and no tensor. */
  @Test
  void fingerprintDependsOnWhatRopeIsMadeOf() throws IOException {
    write("model.safetensors", tensors("gqa-tied").values());
    Set<String> seen = new HashSet<>();
    for (String rope :
        List.of(
            "{\"rope_type\": \"yarn\", \"factor\": 2}",
            "{\"rope_type\": \"yarn\", \"factor\": 4}",
            "{\"rope_type\": \"yarn\", \"factor\": 4, \"beta_fast\": 16}",
            "{\"rope_type\": \"yarn\", \"factor\": 4, \"beta_slow\": 2}",
            "{\"rope_type\": \"yarn\", \"factor\": 4, \"attention_factor\": 1.5}",
            "{\"rope_type\": \"yarn\", \"factor\": 4, \"mscale\": 2, \"mscale_all_dim\": 1}",
            "{\"rope_type\": \"yarn\", \"factor\": 4, \"truncate\": false}",
            "{\"rope_type\": \"yarn\", \"factor\": 4, \"original_max_position_embeddings\": 99}",
            "{\"rope_type\": \"dynamic\", \"factor\": 2}",
            "{\"rope_type\": \"dynamic\", \"factor\": 4}")) {
      copyConfig("gqa-tied", config -> config.putRawValue("rope_scaling", new RawValue(rope)));
      assertThat(seen.add(fingerprint())).as(rope).isTrue();
    }
    String narrow = "{\"rope_type\": \"dynamic\", \"factor\": 4}";
    copyConfig(
        "gqa-tied",
        config ->
            config
                .put("max_position_embeddings", 77)
                .putRawValue("rope_scaling", new RawValue(narrow)));
    assertThat(seen.add(fingerprint())).isTrue();
  }

  private String fingerprint() {
    try (LlamaCheckpoint model = LlamaCheckpoint.open(folder)) {
      return model.fingerprint();
    }
  }

  @Test
  void weightsThatDoNotFitAreNamed() throws IOException {
    copyConfig("mha", config -> {});
    refused("has no weights: expected model.safetensors");
    Map<String, FloatTensor> all = tensors("mha");
    FloatTensor head = all.remove("lm_head.weight");
    write("model.safetensors", all.values());
    refused("tensor lm_head.weight is missing; config.json says tie_word_embeddings false");

    all.put("lm_head.weight", head);
    String q = "model.layers.1.self_attn.q_proj.weight";
    FloatTensor right = all.put(q, new FloatTensor(q, new long[] {32, 64}, new float[2048], 0));
    write("model.safetensors", all.values());
    refused("tensor " + q + ": expected shape [64, 64], found [32, 64]");

    all.put(q, right);
    String table = "model.layers.0.self_attn.rotary_emb.inv_freq";
    all.put(table, FloatTensor.vector(table, new float[8]));
    write("model.safetensors", all.values());
    LlamaCheckpoint.open(folder).close();

    String bias = "model.layers.0.self_attn.q_proj.bias";
    all.put(bias, FloatTensor.vector(bias, new float[64]));
    write("model.safetensors", all.values());
    refused("unexpected tensor " + bias);
  }

  @Test
  void missingDirectoryOrConfigurationIsNamed() throws IOException {
    refused(folder + " has no config.json");
    Path absent = folder.resolve("absent");
    assertThatThrownBy(() -> LlamaCheckpoint.open(absent).close())
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("model directory " + absent + " does not exist");
    Files.writeString(folder.resolve("config.json"), "{\"hidden_size\": ");
    refused("config.json is not valid JSON");
    Files.writeString(folder.resolve("config.json"), "[]");
    refused("config.json is not a JSON object");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "architectures|[\"GemmaForCausalLM\"]|GemmaForCausalLM is not supported; supported: LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM",
        "hidden_act|\"gelu\"|hidden_act \"gelu\" is not supported; supported: silu",
        "rope_scaling|{\"rope_type\":\"llama3\"}|rope_scaling has no factor",
        "rope_scaling|{\"rope_type\":\"longrope\",\"factor\":4}|rope_scaling of type longrope is not supported; supported: default, linear, dynamic, yarn, llama3",
        "rope_scaling|{\"rope_type\":\"yarn\"}|rope_scaling has no factor",
        "rope_scaling|{\"rope_type\":\"yarn\",\"factor\":0.5}|RoPE scaling factor must be at least 1, not 0.5",
        "rope_scaling|{\"rope_type\":\"yarn\",\"factor\":4,\"beta_fast\":-1}|beta_fast must be positive, not -1.0",
        "rope_scaling|{\"rope_type\":\"yarn\",\"factor\":4,\"truncate\":1}|rope_scaling.truncate must be true or false, not 1",
        "rope_scaling|{\"rope_type\":\"dynamic\"}|rope_scaling has no factor",
        "rope_parameters|{\"full_attention\":{\"rope_theta\":1}}|rope_parameters.full_attention: a RoPE of its own for some layers is not supported",
        "rope_scaling|{\"factor\":4}|has no rope_type",
        "rope_scaling|4|rope_scaling must be an object, not 4",
        "rope_scaling|{\"type\":\"linear\",\"factor\":\"2\"}|factor must be a number, not \"2\"",
        "use_sliding_window|true|use_sliding_window true is not supported; supported: false",
        "layer_types|[\"sliding_attention\"]|layer_types",
        "rope_parameters|{\"rope_type\":\"proportional\"}|rope_parameters of type proportional is not supported",
        "rope_parameters|{\"rope_theta\":10000.0,\"partial_rotary_factor\":0.5}|partial_rotary_factor 0.5 is not supported",
        "mlp_bias|true|mlp_bias true is not supported",
        "quantization_config|{\"bits\":4}|quantization_config",
        "hidden_size|null|hidden_size is missing",
        "hidden_size|\"64\"|hidden_size must be an integer, not \"64\"",
        "num_attention_heads|0|num_attention_heads must be positive",
        "num_attention_heads|5|give head_dim",
        "num_key_value_heads|3|num_key_value_heads 3 does not divide",
        "vocab_size|-4|vocab_size",
        "eos_token_id|null|eos_token_id is missing",
        "eos_token_id|260|eos_token_id 260 is outside the vocabulary of 260",
        "bos_token_id|999|bos_token_id 999 is outside",
        "rms_norm_eps|\"x\"|rms_norm_eps must be a number",
        "tie_word_embeddings|1|tie_word_embeddings must be true or false",
      })
  void configurationThatCannotBeComputedIsRefused(String key, String value, String message)
      throws IOException {
    ObjectNode config = (ObjectNode) JSON.readTree(FIXTURES.resolve("mha/config.json").toFile());
    config.set(key, JSON.readTree(value));
    JSON.writeValue(folder.resolve("config.json").toFile(), config);
    refused(message);
    assertThatThrownBy(() -> LlamaCheckpoint.open(folder).close())
        .hasMessageStartingWith(folder.resolve("config.json").toString());
  }

  @Test
  void defaultsAreThoseOfTheFormat() throws IOException {
    copyConfig(
        "mha",
        config -> {
          config.remove(
              List.of(
                  "num_key_value_heads",
                  "rms_norm_eps",
                  "rope_theta",
                  "tie_word_embeddings",
                  "hidden_act"));
          config.putNull("bos_token_id").putNull("rope_scaling");
          config.putArray("eos_token_id").add(5).add(7);
        });
    LlamaConfig config = LlamaConfigReader.read(folder.resolve("config.json"));
    assertThat(config.attention().kvHeads()).isEqualTo(4);
    assertThat(config.attention().headDim()).isEqualTo(16);
    assertThat(config.rmsNormEps()).isEqualTo(1e-6);
    assertThat(config.rotary().theta()).isEqualTo(10000);
    assertThat(config.vocabulary().tied()).isFalse();
    assertThat(config.vocabulary().bosTokenId()).isEqualTo(-1);
    assertThat(config.vocabulary().eosTokenIds()).containsExactly(5, 7);
    assertThat(config.eosTokenId()).isEqualTo(5);
  }
}
