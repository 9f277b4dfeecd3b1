package org.uiospark.model.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.model.input.InvalidInputException;

/** Configurations of published models; their parameter counts are those that the hub shows. */
class LlamaConfigTest {
  private static final String LLAMA_2_7B =
      """
      {"architectures": ["LlamaForCausalLM"], "hidden_size": 4096, "intermediate_size": 11008,
       "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32,
       "vocab_size": 32000, "rms_norm_eps": 1e-05, "max_position_embeddings": 4096,
       "rope_scaling": null, "tie_word_embeddings": false, "hidden_act": "silu",
       "pretraining_tp": 1, "bos_token_id": 1, "eos_token_id": 2}
      """;
  private static final String LLAMA_31_8B =
      """
      {"architectures": ["LlamaForCausalLM"], "attention_bias": false, "hidden_size": 4096,
       "intermediate_size": 14336, "mlp_bias": false, "num_hidden_layers": 32,
       "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256,
       "rms_norm_eps": 1e-05, "max_position_embeddings": 131072, "rope_theta": 500000.0,
       "rope_scaling": {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
         "original_max_position_embeddings": 8192, "rope_type": "llama3"},
       "tie_word_embeddings": false, "bos_token_id": 128000, "eos_token_id": [128001, 128008]}
      """;
  private static final String MISTRAL_7B =
      """
      {"architectures": ["MistralForCausalLM"], "hidden_size": 4096, "intermediate_size": 14336,
       "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
       "vocab_size": 32000, "rms_norm_eps": 1e-05, "max_position_embeddings": 32768,
       "rope_theta": 10000.0, "sliding_window": 4096, "tie_word_embeddings": false,
       "bos_token_id": 1, "eos_token_id": 2}
      """;
  private static final String QWEN_25_HALF_B =
      """
      {"architectures": ["Qwen2ForCausalLM"], "hidden_size": 896, "intermediate_size": 4864,
       "num_hidden_layers": 24, "num_attention_heads": 14, "num_key_value_heads": 2,
       "vocab_size": 151936, "rms_norm_eps": 1e-06, "max_position_embeddings": 32768,
       "max_window_layers": 24, "rope_theta": 1000000.0, "sliding_window": 32768,
       "use_sliding_window": false, "tie_word_embeddings": true, "bos_token_id": 151643,
       "eos_token_id": 151643}
      """;

  private static final String QWEN_3_HALF_B =
      """
      {"architectures": ["Qwen3ForCausalLM"], "attention_bias": false, "hidden_size": 1024,
       "head_dim": 128, "intermediate_size": 3072, "num_hidden_layers": 28,
       "num_attention_heads": 16, "num_key_value_heads": 8, "vocab_size": 151936,
       "rms_norm_eps": 1e-06, "max_position_embeddings": 40960, "max_window_layers": 28,
       "rope_theta": 1000000, "rope_scaling": null, "sliding_window": null,
       "use_sliding_window": false, "tie_word_embeddings": true, "bos_token_id": 151643,
       "eos_token_id": 151645, "model_type": "qwen3"}
      """;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "llama 2, 6738415616, 4096",
    "llama 3, 8030261248, 131072",
    "mistral, 7241732096, 4096",
    "qwen 2, 494032768, 32768",
    "qwen 3, 596049920, 40960"
  })
  void publishedModelsHaveTheirParameters(String name, long parameters, int window)
      throws IOException {
    LlamaConfig config = read(text(name));

    assertThat(config.parameters()).isEqualTo(parameters);
    assertThat(config.nativeWindow()).isEqualTo(window);
    long tensors =
        LlamaTensors.of(config).values().stream()
            .mapToLong(shape -> Arrays.stream(shape).reduce(1, Math::multiplyExact))
            .sum();
    assertThat(tensors).isEqualTo(parameters);
  }

  @Test
  void eachFamilyBringsItsOwn() throws IOException {
    assertThat(read(LLAMA_2_7B).rotary().scaling()).isEqualTo(RopeScaling.NONE);
    assertThat(read(LLAMA_31_8B).rotary().scaling())
        .isEqualTo(new RopeScaling.Llama3(8, 1, 4, 8192));
    assertThat(read(MISTRAL_7B).attention().slidingWindow()).isEqualTo(4096);
    assertThat(read(QWEN_25_HALF_B).attention().bias()).isEqualTo(AttentionBias.QUERY_KEY_VALUE);
    assertThat(read(QWEN_25_HALF_B).attention().slidingWindow()).isZero();
    assertThat(read(LLAMA_31_8B).attention().bias()).isEqualTo(AttentionBias.NONE);
  }

  @Test
  void aKnownModelTypeStandsForArchitecturesThatAreMissing() throws IOException {
    String named = "\"architectures\": [\"Qwen3ForCausalLM\"], ";
    assertThat(read(QWEN_3_HALF_B.replace(named, ""))).isEqualTo(read(QWEN_3_HALF_B));
    assertThat(read(QWEN_3_HALF_B.replace(named, "\"architectures\": null, ")))
        .isEqualTo(read(QWEN_3_HALF_B));
    refused(
        QWEN_3_HALF_B.replace(named, "").replace("\"qwen3\"", "\"qwen3_moe\""),
        "architecture (none named) of model_type qwen3_moe is not supported; supported: Llama");
    refused(
        LLAMA_2_7B.replace("\"architectures\": [\"LlamaForCausalLM\"], ", ""), "(none named) is");
  }

  /** The defaults of {@code transformers} 5.18's configurations. */
  @Test
  void keysThatAreMissingMeanWhatTheFamilyTakesForThem() throws IOException {
    assertThat(read(without(LLAMA_31_8B, "num_key_value_heads")).attention().kvHeads())
        .isEqualTo(32);
    assertThat(read(without(MISTRAL_7B, "num_key_value_heads")).attention().kvHeads()).isEqualTo(8);
    assertThat(read(nulled(MISTRAL_7B, "num_key_value_heads")).attention().kvHeads()).isEqualTo(32);
    refused(
        without(QWEN_25_HALF_B, "num_key_value_heads"),
        "num_key_value_heads is missing, and the 32 of Qwen2ForCausalLM do not divide num_attention_heads 14; give it");
    assertThat(read(nulled(QWEN_25_HALF_B, "num_key_value_heads")).attention().kvHeads())
        .isEqualTo(14);
    assertThat(read(without(QWEN_3_HALF_B, "head_dim")).attention().headDim()).isEqualTo(128);
  }

  @Test
  void biasesAndNormsFollowTheFamily() throws IOException {
    String biased = LLAMA_31_8B.replace("\"attention_bias\": false", "\"attention_bias\": true");
    assertThat(read(biased).attention().bias()).isEqualTo(AttentionBias.ALL);
    assertThat(read(QWEN_3_HALF_B).attention().queryKeyNorm()).isTrue();
    assertThat(read(QWEN_3_HALF_B).attention().bias()).isEqualTo(AttentionBias.NONE);
    assertThat(read(QWEN_25_HALF_B).attention().queryKeyNorm()).isFalse();
    refused(
        MISTRAL_7B.replace("{", "{\"attention_bias\": true, "),
        "attention_bias true is not supported");
  }

  private static String without(String text, String key) {
    return text.replaceAll("\"" + key + "\": [0-9]+,", "");
  }

  private static String nulled(String text, String key) {
    return text.replaceAll("\"" + key + "\": [0-9]+,", "\"" + key + "\": null,");
  }

  @Test
  void aMistralFileThatIsSilentHasTheFirstWindowAndNullIsNone() throws IOException {
    String silent = MISTRAL_7B.replace("\"sliding_window\": 4096, ", "");
    assertThat(read(silent).attention().slidingWindow()).isEqualTo(4096);
    assertThat(
            read(MISTRAL_7B.replace("\": 4096, \"tie", "\": null, \"tie"))
                .attention()
                .slidingWindow())
        .isZero();
  }

  @Test
  void scalingIsReadFromEitherPlaceButNotFromTwoThatDiffer() throws IOException {
    String newer =
        "\"rope_parameters\": {\"rope_theta\": 5e5, \"rope_type\": \"linear\", \"factor\": 2.0}";
    LlamaConfig config = read(LLAMA_2_7B.replace("\"rope_scaling\": null", newer));
    assertThat(config.rotary().scaling()).isEqualTo(new RopeScaling.Linear(2));
    assertThat(config.rotary().theta()).isEqualTo(5e5);

    refused(
        LLAMA_2_7B.replace(
            "\"rope_scaling\": null",
            "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 4.0}, " + newer),
        "rope_scaling",
        "rope_parameters",
        "differ; keep one");
    String inScaling = newer.replace("rope_parameters", "rope_scaling");
    assertThat(read(LLAMA_2_7B.replace("\"rope_scaling\": null", inScaling))).isEqualTo(config);
    assertThat(
            read(LLAMA_2_7B.replace(
                    "\"rope_scaling\": null", "\"rope_scaling\": {\"rope_theta\": 7.0}"))
                .rotary()
                .theta())
        .isEqualTo(7);
    refused(
        LLAMA_2_7B.replace("\"rope_scaling\": null", "\"rope_theta\": 1e4, " + inScaling),
        "rope_theta 10000.0 and rope_scaling.rope_theta 500000.0 differ");

    refused(
        LLAMA_2_7B.replace("\"rope_scaling\": null", "\"rope_theta\": 1e4, " + newer),
        "rope_theta 10000.0 and rope_parameters.rope_theta 500000.0 differ");
  }

  private void refused(String text, String... says) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(folder.resolve("config.json").toString())
        .hasMessageContainingAll(says)
        .hasMessageNotContaining("\n");
  }

  private static String text(String name) {
    return switch (name) {
      case "llama 2" -> LLAMA_2_7B;
      case "llama 3" -> LLAMA_31_8B;
      case "mistral" -> MISTRAL_7B;
      case "qwen 2" -> QWEN_25_HALF_B;
      default -> QWEN_3_HALF_B;
    };
  }

  private LlamaConfig read(String text) throws IOException {
    return LlamaConfigReader.read(Files.writeString(folder.resolve("config.json"), text));
  }
}
