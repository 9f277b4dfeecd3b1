package org.uiospark.model.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RandomLlamaTest {
  private static final LlamaConfig CONFIG =
      new LlamaConfig(32, 48, 2, 4, 2, 8, 100, 1e-5, 1e4, 64, false, 1, List.of(2));

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

  @Test
  void whatOtherFamiliesHaveIsWrittenToo() {
    LlamaConfig qwen =
        new LlamaConfig(
            32, 48, 2, 4, 2, 8, 100, 1e-5, 1e4, 64, true, 1, List.of(2), RopeScaling.NONE, true, 0);
    LlamaConfig mistral =
        new LlamaConfig(
            32,
            48,
            2,
            4,
            2,
            8,
            100,
            1e-5,
            1e4,
            64,
            false,
            1,
            List.of(2),
            new RopeScaling.Llama3(8, 1, 4, 32),
            false,
            16);
    for (LlamaConfig config : List.of(qwen, mistral)) {
      Path written = folder.resolve("family" + config.slidingWindow());
      RandomLlama.write(written, config, 1);
      try (LlamaCheckpoint read = LlamaCheckpoint.open(written)) {
        assertThat(read.config()).isEqualTo(config);
        if (config.queryKeyValueBias()) {
          assertThat(read.tensor("model.layers.0.self_attn.k_proj.bias").floats())
              .hasSize(16)
              .doesNotContain(1);
        }
      }
    }
  }
}
