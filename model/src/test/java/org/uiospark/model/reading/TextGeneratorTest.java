package org.uiospark.model.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.FrozenLlama;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.segment.SegmentSettings;

class TextGeneratorTest {
  private static final Path FIXTURE = Path.of("src/test/resources/fixtures/mha");
  private static final int[] PROMPT = IntStream.range(100, 140).toArray();

  @TempDir Path folder;

  @Test
  void theSeedAloneDecidesWhatIsDrawn() {
    List<int[]> drawn =
        with(
            FIXTURE,
            generator ->
                List.of(
                    generator.generate(PROMPT, 40, new Sampling(1, 0.9, 5), token -> {}),
                    generator.generate(PROMPT, 40, new Sampling(1, 0.9, 5), token -> {}),
                    generator.generate(PROMPT, 40, new Sampling(1, 0.9, 6), token -> {})));

    assertThat(drawn.get(1)).containsExactly(drawn.get(0));
    assertThat(drawn.get(2)).isNotEqualTo(drawn.get(0));
  }

  @Test
  void tokensAreHandedOverOneByOneUpToTheLimit() {
    List<Integer> seen = new ArrayList<>();

    int[] generated =
        with(FIXTURE, generator -> generator.generate(PROMPT, 9, Sampling.GREEDY, seen::add));

    assertThat(generated).hasSize(9);
    assertThat(seen).containsExactlyElementsOf(Arrays.stream(generated).boxed().toList());
  }

  /** Llama 3 Instruct names the end of a turn there alone. */
  @ParameterizedTest
  @ValueSource(strings = {"%d", "[128001, %d]"})
  void soDoesWhatTheGenerationConfigNames(String ids) throws IOException {
    int[] free =
        with(FIXTURE, generator -> generator.generate(PROMPT, 30, Sampling.GREEDY, token -> {}));
    int stop = free[12];
    int before = Arrays.stream(free).boxed().toList().indexOf(stop);
    Files.copy(FIXTURE.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    Files.copy(FIXTURE.resolve("config.json"), folder.resolve("config.json"));
    Files.writeString(
        folder.resolve("generation_config.json"),
        String.format(
            Locale.ROOT,
            "{\"eos_token_id\": %s, \"do_sample\": true}",
            String.format(Locale.ROOT, ids, stop)));

    int[] generated =
        with(folder, generator -> generator.generate(PROMPT, 30, Sampling.GREEDY, token -> {}));

    assertThat(generated).containsExactly(Arrays.copyOf(free, before));
  }

  @Test
  void theOneOfTheConfigurationStaysAndAWrongOneIsRefused() throws IOException {
    Files.copy(FIXTURE.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    Files.copy(FIXTURE.resolve("config.json"), folder.resolve("config.json"));
    Path generation = folder.resolve("generation_config.json");
    for (String good : new String[] {"{}", "{\"eos_token_id\": null}"}) {
      Files.writeString(generation, good);
      try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32)) {
        assertThat(base.stopTokenIds()).containsExactly(2);
      }
    }
    Files.writeString(generation, "{\"eos_token_id\": [7, 2]}");
    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32)) {
      assertThat(base.stopTokenIds()).containsExactlyInAnyOrder(2, 7);
    }
    Files.writeString(generation, "{\"eos_token_id\": \"</s>\"}");
    assertThatThrownBy(() -> FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("generation_config.json: eos_token_id must be an integer");
  }

  @Test
  void endOfSequenceStopsAndIsNotGenerated() throws IOException {
    int[] free =
        with(FIXTURE, generator -> generator.generate(PROMPT, 30, Sampling.GREEDY, token -> {}));
    int stop = free[12];
    int before = Arrays.stream(free).boxed().toList().indexOf(stop);
    Files.copy(FIXTURE.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    Files.writeString(
        folder.resolve("config.json"),
        Files.readString(FIXTURE.resolve("config.json"))
            .replace("\"eos_token_id\": 2", "\"eos_token_id\": [2, " + stop + "]"));

    int[] generated =
        with(folder, generator -> generator.generate(PROMPT, 30, Sampling.GREEDY, token -> {}));

    assertThat(generated).containsExactly(Arrays.copyOf(free, before));
  }

  @Test
  void emptyPromptsAndLimitsBelowOneAreRefused() {
    with(
        FIXTURE,
        generator -> {
          assertThatThrownBy(() -> generator.generate(new int[0], 3, Sampling.GREEDY, token -> {}))
              .isInstanceOf(InvalidInputException.class)
              .hasMessageContaining("prompt");
          return assertThatThrownBy(
                  () -> generator.generate(PROMPT, 0, Sampling.GREEDY, token -> {}))
              .isInstanceOf(InvalidInputException.class)
              .hasMessageContaining("max-new-tokens");
        });
  }

  private static <T> T with(Path modelFolder, Function<TextGenerator, T> work) {
    try (FrozenLlama base = FrozenLlama.load(modelFolder, Device.cpu(), BasePrecision.FLOAT32)) {
      Adapter adapter =
          AdapterFiles.readTensors(FIXTURE.resolve("adapter.safetensors"), base.config(), 16);
      try (MemoryModel model = new MemoryModel(base, new SegmentSettings(16, 4), adapter.shape());
          DeviceAdapter uploaded = model.upload(adapter)) {
        return work.apply(new TextGenerator(model, uploaded));
      }
    }
  }
}
