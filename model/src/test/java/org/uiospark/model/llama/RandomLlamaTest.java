package org.uiospark.model.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RandomLlamaTest {
  private static final LlamaConfig CONFIG =
      new LlamaConfig(
          32,
          48,
          2,
          1e-5,
          AttentionConfig.plain(4, 2, 8),
          RotaryConfig.unscaled(1e4, 64),
          new VocabularyConfig(100, false, 1, List.of(2)));

  @TempDir Path folder;

  @Test
  void theLoaderReadsWhatWasWrittenAndTheSeedDecides() {
    RandomLlama.write(folder.resolve("a"), CONFIG, 1);
    RandomLlama.write(folder.resolve("b"), CONFIG, 1);
    RandomLlama.write(folder.resolve("c"), CONFIG, 2);

    try (LlamaCheckpoint a = LlamaCheckpoint.open(folder.resolve("a"));
        LlamaCheckpoint b = LlamaCheckpoint.open(folder.resolve("b"));
        LlamaCheckpoint c = LlamaCheckpoint.open(folder.resolve("c"))) {
      assertThat(a.config()).isEqualTo(CONFIG);
      assertThat(b.fingerprint()).isEqualTo(a.fingerprint());
      assertThat(c.fingerprint()).isNotEqualTo(a.fingerprint());
      float[] embedding = a.tensor("model.embed_tokens.weight").floats(0, 3200);
      double squares = 0;
      for (float value : embedding) {
        squares += value * value;
      }
      assertThat(Math.sqrt(squares / embedding.length)).isCloseTo(0.02, within(0.001));
      assertThat(a.tensor("model.norm.weight").floats(0, 32)).containsOnly(1);
    }
  }

  static List<LlamaConfig> families() {
    return List.of(
        family(RopeScaling.NONE, AttentionBias.QUERY_KEY_VALUE, false, 0),
        family(new RopeScaling.Llama3(8, 1, 4, 32), AttentionBias.NONE, false, 16),
        family(new RopeScaling.Yarn(4, 32, 1, 16, 1.2, false), AttentionBias.ALL, false, 0),
        family(new RopeScaling.Dynamic(2, 64), AttentionBias.NONE, true, 0),
        family(RopeScaling.NONE, AttentionBias.ALL, true, 0));
  }

  private static LlamaConfig family(
      RopeScaling scaling, AttentionBias bias, boolean norm, int window) {
    return new LlamaConfig(
        32,
        48,
        2,
        1e-5,
        new AttentionConfig(4, 2, 8, bias, norm, window),
        new RotaryConfig(1e4, scaling, 64),
        new VocabularyConfig(100, true, 1, List.of(2)));
  }

  @ParameterizedTest
  @MethodSource("families")
  void whatOtherFamiliesHaveIsWrittenToo(LlamaConfig config) {
    RandomLlama.write(folder, config, 1);
    try (LlamaCheckpoint read = LlamaCheckpoint.open(folder)) {
      assertThat(read.config()).isEqualTo(config);
      long parameters = read.names().stream().mapToLong(name -> read.tensor(name).size()).sum();
      assertThat(parameters).isEqualTo(config.parameters());
      String attention = "model.layers.0.self_attn.";
      if (config.attention().bias() != AttentionBias.NONE) {
        assertThat(read.tensor(attention + "k_proj.bias").floats()).hasSize(16).doesNotContain(1);
      }
      if (config.attention().bias() == AttentionBias.ALL) {
        assertThat(read.tensor(attention + "o_proj.bias").floats()).hasSize(32).doesNotContain(1);
      }
      if (config.attention().queryKeyNorm()) {
        assertThat(read.tensor(attention + "q_norm.weight").floats()).hasSize(8).containsOnly(1);
      }
    }
  }
}
