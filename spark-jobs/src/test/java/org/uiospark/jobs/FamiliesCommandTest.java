package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.uiospark.model.llama.AttentionBias;
import org.uiospark.model.llama.AttentionConfig;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.llama.RandomLlama;
import org.uiospark.model.llama.RopeScaling;
import org.uiospark.model.llama.RotaryConfig;
import org.uiospark.model.llama.VocabularyConfig;

/** Models of other families go through every command, past the window that they know. */
@Tag("cluster")
class FamiliesCommandTest extends CommandInput {
  static List<LlamaConfig> families() {
    return List.of(
        family(RopeScaling.NONE, AttentionBias.NONE, true),
        family(new RopeScaling.Yarn(4, 32, 1, 16, 1.1, true), AttentionBias.ALL, false),
        family(new RopeScaling.Dynamic(2, 40), AttentionBias.ALL, true));
  }

  private static LlamaConfig family(RopeScaling scaling, AttentionBias bias, boolean norm) {
    return new LlamaConfig(
        32,
        48,
        3,
        1e-6,
        new AttentionConfig(4, 2, 10, bias, norm, 0),
        new RotaryConfig(1e4, scaling, 40),
        new VocabularyConfig(2048, true, -1, List.of(0)));
  }

  @ParameterizedTest
  @MethodSource("families")
  void trainedEvaluatedExportedAndGeneratedWith(LlamaConfig family) throws IOException {
    Path base = folder.resolve("base");
    RandomLlama.write(base, family, 1);
    Files.copy(TINY.resolve("tokenizer.json"), base.resolve("tokenizer.json"));

    CommandRun trained = train(base, data(), "--steps", 2);
    assertThat(trained.err()).isEmpty();
    assertThat(trained.status()).isZero();
    Path run = output;
    output = folder.resolve("export");
    assertThat(export(run).err()).isEmpty();
    assertThat(output.resolve("peft/encoder/adapter_model.safetensors")).exists();
    Path export = output;
    output = folder.resolve("evaluation");
    CommandRun evaluated = evaluate(base, export, data());
    assertThat(evaluated.err()).isEmpty();
    assertThat(evaluated.status()).isZero();
    CommandRun generated = generate(base, export);
    assertThat(generated.err()).isEmpty();
    assertThat(generated.status()).isZero();
    assertThat(generated.out()).isNotBlank();
  }
}
