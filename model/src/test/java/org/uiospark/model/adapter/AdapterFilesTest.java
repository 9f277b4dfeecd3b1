package org.uiospark.model.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.llama.AttentionConfig;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.llama.RotaryConfig;
import org.uiospark.model.llama.VocabularyConfig;
import org.uiospark.model.safetensors.FloatTensor;
import org.uiospark.model.safetensors.SafetensorsFile;
import org.uiospark.model.safetensors.SafetensorsWriter;
import org.uiospark.model.segment.SegmentRatios;
import org.uiospark.model.segment.SegmentSettings;

class AdapterFilesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
  private static final LlamaConfig MODEL =
      new LlamaConfig(
          8,
          16,
          2,
          1e-5,
          AttentionConfig.plain(2, 1, 4),
          RotaryConfig.unscaled(10000, 64),
          new VocabularyConfig(20, true, -1, List.of(0)));
  private static final AdapterShape SHAPE = AdapterShape.of(MODEL, 2, 4);
  private static final Adapter ADAPTER = Adapter.initial(SHAPE, new float[8], 3);
  private static final AdapterConfig CONFIG =
      AdapterConfig.of(
          AdapterConfig.BaseModel.of("small", "0123456789abcdef", MODEL),
          new SegmentSettings(16, 4),
          SHAPE,
          Map.of("seed", 7, "versions", Map.of("java", "17")));

  @TempDir Path folder;

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  /** Reads the adapter after its tensors were changed. */
  private static ThrowingCallable reading(Consumer<Map<String, FloatTensor>> change) {
    Map<String, FloatTensor> tensors = new LinkedHashMap<>();
    for (AdapterShape.Slot s : SHAPE.slots()) {
      tensors.put(
          s.name(), new FloatTensor(s.name(), s.dimensions(), ADAPTER.values(), s.offset()));
    }
    change.accept(tensors);
    return () -> {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      SafetensorsWriter.write(out, Map.of(), List.copyOf(tensors.values()));
      AdapterFiles.readTensors("a.safetensors", out.toByteArray(), SHAPE);
    };
  }

  @Test
  void whatIsSavedIsLoaded() throws IOException {
    Path nested = folder.resolve("deep/adapter");
    AdapterFiles.save(nested, ADAPTER, CONFIG);
    LoadedAdapter loaded = AdapterFiles.load(nested);
    assertThat(loaded.config()).isEqualTo(CONFIG);
    assertThat(loaded.config().shape()).isEqualTo(SHAPE);
    assertThat(loaded.config().settings()).isEqualTo(new SegmentSettings(16, 4));
    assertThat(loaded.adapter().values()).containsExactly(ADAPTER.values());
    assertThat(Files.readAllBytes(nested.resolve("adapter.safetensors")))
        .isEqualTo(AdapterFiles.tensorBytes(ADAPTER));
    assertThat(Files.list(nested)).hasSize(2);
    assertThat(Files.readString(nested.resolve("adapter_config.json")))
        .contains("\"format_version\" : 1", "\"lora_rank\" : 2", "\"key_value_width\" : 4");
    AdapterFiles.save(nested, ADAPTER, CONFIG);
    assertThat(AdapterFiles.load(nested).config()).isEqualTo(CONFIG);
  }

  @Test
  void oneNumberOfMemoryTokensIsANumberInTheFileAndSeveralAreAList() throws IOException {
    assertThat(new String(AdapterFiles.configBytes(CONFIG), StandardCharsets.UTF_8))
        .contains("\n  \"memory_tokens\" : 4,\n");
    AdapterConfig several =
        AdapterConfig.of(
            CONFIG.baseModel(), new SegmentRatios(16, List.of(8, 2)), SHAPE, CONFIG.provenance());
    byte[] json = AdapterFiles.configBytes(several);
    assertThat(new String(json, StandardCharsets.UTF_8))
        .contains("\n  \"memory_tokens\" : [ 2, 8 ],\n");
    AdapterConfig read = AdapterFiles.readConfig("c.json", json);
    assertThat(read).isEqualTo(several);
    assertThat(read.settings()).isEqualTo(new SegmentSettings(16, 8));
    assertThat(read.ratios().memoryTokens()).containsExactly(2, 8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"[]", "[4, 4]", "[4, 3]", "[4, null]", "null", "\"4\"", "[\"4\"]", "4.5", "[[4]]"})
  void whatIsNoListOfMemoryTokensIsRefused(String memoryTokens) {
    String good = new String(AdapterFiles.configBytes(CONFIG), StandardCharsets.UTF_8);
    String changed = good.replace("\"memory_tokens\" : 4", "\"memory_tokens\" : " + memoryTokens);
    assertThat(changed).isNotEqualTo(good);
    refused(
        () -> AdapterFiles.readConfig("c.json", changed.getBytes(StandardCharsets.UTF_8)),
        "c.json: ");
  }

  @ParameterizedTest
  @CsvSource({"mha,4,16", "gqa-tied,8,8"})
  void goldenAdaptersLoad(String fixture, int rank, double alpha) throws IOException {
    Path file = FIXTURES.resolve(fixture + "/adapter.safetensors");
    try (LlamaCheckpoint model = LlamaCheckpoint.open(FIXTURES.resolve(fixture));
        SafetensorsFile raw = SafetensorsFile.open(file)) {
      Adapter adapter = AdapterFiles.readTensors(file, model.config(), alpha);
      assertThat(adapter.shape()).isEqualTo(AdapterShape.of(model.config(), rank, alpha));
      for (AdapterShape.Slot slot : adapter.shape().slots()) {
        assertThat(Arrays.copyOfRange(adapter.values(), slot.offset(), slot.offset() + slot.size()))
            .containsExactly(raw.tensor(slot.name()).floats());
      }
      AdapterShape other = AdapterShape.of(model.config(), rank + 1, alpha);
      refused(
          () -> AdapterFiles.readTensors(file, other),
          String.format(Locale.ROOT, "the adapter has rank %d, expected rank %d", rank, rank + 1));
    }
  }

  @Test
  void tensorsThatDoNotFitAreNamed() {
    String b = "transfer.layers.1.self_attn.k_proj.lora_B.weight";
    refused(reading(tensors -> tensors.remove(b)), "tensor " + b + " is missing");
    refused(
        reading(tensors -> tensors.put("x", FloatTensor.vector("x", new float[1]))),
        "a.safetensors: unexpected tensor x");
    refused(
        reading(tensors -> tensors.put(b, new FloatTensor(b, new long[] {2, 4}, new float[8], 0))),
        "tensor " + b + ": expected shape [4, 2], found [2, 4]");
    refused(
        reading(
            tensors ->
                tensors.put(
                    b,
                    new FloatTensor(
                        b, new long[] {4, 2}, new float[] {0, 0, Float.NaN, 0, 0, 0, 0, 0}, 0))),
        "tensor " + b + " holds NaN at index 2");
  }

  @Test
  void otherTypesAreRefused() {
    byte[] bytes = AdapterFiles.tensorBytes(ADAPTER);
    String text = new String(bytes, StandardCharsets.ISO_8859_1).replaceFirst("\"F32\"", "\"I32\"");
    refused(
        () -> AdapterFiles.readTensors("a", text.getBytes(StandardCharsets.ISO_8859_1), SHAPE),
        "is I32; an adapter is F32");
  }

  @Test
  void incompleteFolderIsNamed() throws IOException {
    refused(() -> AdapterFiles.load(folder.resolve("absent")), "absent does not exist");
    refused(() -> AdapterFiles.load(folder), folder + " has no adapter_config.json");
    AdapterFiles.save(folder, ADAPTER, CONFIG);
    Path tensors = folder.resolve("adapter.safetensors");
    byte[] whole = Files.readAllBytes(tensors);
    Files.write(tensors, Arrays.copyOf(whole, whole.length - 8));
    refused(() -> AdapterFiles.load(folder), "is truncated");
    Files.delete(tensors);
    refused(() -> AdapterFiles.load(folder), "adapter.safetensors does not exist");
  }

  @Test
  void configurationThatDoesNotFitIsRefused() throws IOException {
    ObjectNode good = (ObjectNode) JSON.readTree(AdapterFiles.configBytes(CONFIG));
    Map<String, Consumer<ObjectNode>> cases =
        Map.of(
            "format_version 9 is not supported", c -> c.put("format_version", 9),
            "segment-length 15 is not divisible", c -> c.put("segment_length", 15),
            "rank 0 is out of range", c -> c.put("lora_rank", 0),
            "base_model is missing", c -> c.putNull("base_model"),
            "'memory_tokens'", c -> c.remove("memory_tokens"),
            "\"surprise\"", c -> c.put("surprise", 1));
    cases.forEach(
        (message, change) -> {
          ObjectNode changed = good.deepCopy();
          change.accept(changed);
          byte[] json = changed.toString().getBytes(StandardCharsets.UTF_8);
          refused(() -> AdapterFiles.readConfig("c.json", json), message);
        });
    refused(() -> AdapterFiles.readConfig("c.json", new byte[] {'{'}), "c.json is not valid JSON");
    refused(
        () -> AdapterFiles.readConfig("c.json", "null".getBytes(StandardCharsets.UTF_8)),
        "c.json is not a JSON object");
  }

  @Test
  void anotherModelIsRefusedWithTheDifference() {
    CONFIG.requireBase("0123456789abcdef", MODEL);
    refused(
        () -> CONFIG.requireBase("fedcba9876543210", MODEL),
        "another model (small): weights have fingerprint 0123456789ab, the model has fedcba987654");
    LlamaConfig wider =
        new LlamaConfig(
            12,
            16,
            3,
            1e-5,
            AttentionConfig.plain(2, 1, 4),
            RotaryConfig.unscaled(10000, 64),
            new VocabularyConfig(20, true, -1, List.of(0)));
    refused(
        () -> CONFIG.requireBase("0123456789abcdef", wider),
        "hidden_size 8, the model has 12, layers 2, the model has 3");
  }
}
