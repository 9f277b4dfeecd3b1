package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.adapter.LoadedAdapter;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.FrozenLlama;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.reading.Sampling;
import org.uiospark.model.reading.TextGenerator;
import org.uiospark.model.segment.SegmentSettings;
import org.uiospark.model.text.TextTokenizer;

/**
 * The file that an export carries for Python, run over the layers of transformers. Needs python3
 * with torch and transformers.
 */
class PythonMemoryTest extends CommandInput {
  private static final Path FIXTURES = Path.of("../model/src/test/resources/fixtures");
  private static final Path SCRIPT = Path.of("src/test/python/read.py");
  private static final String FILE = "uio_memory.py";
  private static final int NEW_TOKENS = 40;
  private static final int MISSING = -1;

  @TempDir static Path files;

  @BeforeAll
  static void python() throws Exception {
    assumeTrue(
        python("-c", "import torch, transformers") == 0,
        "Skipped: python3 with torch and transformers is missing; pip install torch transformers");
  }

  private static int python(Object... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("python3"));
    Arrays.stream(arguments).map(Object::toString).forEach(command::add);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(files.resolve("out").toFile())
            .redirectError(files.resolve("err").toFile());
    Map<String, String> environment = builder.environment();
    environment.putAll(Map.of("OMP_NUM_THREADS", "1", "PYTHONUTF8", "1"));
    // As where neither is set: what is imported leaves its cache beside it.
    environment.keySet().removeAll(Set.of("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"));
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      return MISSING;
    }
    try {
      return process.waitFor(5, TimeUnit.MINUTES) ? process.exitValue() : MISSING;
    } finally {
      process.destroyForcibly();
    }
  }

  private static String read(String file) throws IOException {
    return Files.readString(files.resolve(file));
  }

  /** Grouped heads, no tokenizer, and the losses of an independent implementation. */
  @ParameterizedTest
  @ValueSource(strings = {"LlamaForCausalLM", "MistralForCausalLM"})
  void lossesAndContinuationsAreThoseOfAGoldenCase(String architecture) throws Exception {
    Path fixture = FIXTURES.resolve("gqa-tied");
    Path base = copy(fixture, "base", "config.json", "model.safetensors");
    if (architecture.startsWith("Mistral")) {
      edit(base.resolve("config.json"), "LlamaForCausalLM", architecture);
      // Rows of memories and segment reach beyond it; all of them are seen.
      edit(
          base.resolve("config.json"),
          "\"model_type\": \"llama\"",
          "\"model_type\": \"mistral\", \"sliding_window\": 26");
    }
    JsonNode expected = new ObjectMapper().readTree(fixture.resolve("expected.json").toFile());
    SegmentSettings segments =
        new SegmentSettings(
            expected.get("segment_length").asInt(), expected.get("memory_tokens").asInt());
    Adapter adapter;
    try (LlamaCheckpoint opened = LlamaCheckpoint.open(fixture)) {
      adapter =
          AdapterFiles.readTensors(
              fixture.resolve("adapter.safetensors"),
              opened.config(),
              expected.get("lora_alpha").asDouble());
    }

    JsonNode computed = compare(base, adapter, segments, fixture.resolve("tokens.json"));

    assertLosses(computed.get("losses"), expected.get("loss_sum_per_segment"));
    assertDifferent(computed);
  }

  @Test
  void lossesAndContinuationsAreOursOnTheEmbeddedModel() throws Exception {
    Path tokens = folder.resolve("tokens.json");
    try (TextTokenizer tokenizer = TextTokenizer.load(TINY.resolve("tokenizer.json"))) {
      int[] ids = tokenizer.encode(Files.readString(BOOK).substring(9000, 10000));
      Files.writeString(tokens, "{\"input_ids\": " + Arrays.toString(ids) + "}");
    }

    JsonNode computed =
        compare(model, SavedRun.adapter(model, 4, 8), new SegmentSettings(32, 4), tokens);

    assertThat(computed.get("losses")).hasSizeGreaterThan(6);
    assertDifferent(computed);
    // What Python left in the folder does not make it one that no export wrote.
    assertThat(output.resolve("__pycache__")).exists();
    assertThat(export(folder.resolve("run")).status()).isZero();
  }

  /** Biases, norms of q and k, scaled positions: tiny models that transformers saved. */
  @ParameterizedTest
  @ValueSource(strings = {"qwen2-yarn", "qwen3"})
  void lossesAndContinuationsAreOursInOtherFamilies(String name) throws Exception {
    Path base = FIXTURES.resolveSibling("transformers").resolve(name);
    int[] ids = IntStream.range(0, 60).map(i -> (7 * i * i + 3 * i) % 40).toArray();
    Path tokens = folder.resolve("tokens.json");
    Files.writeString(tokens, "{\"input_ids\": " + Arrays.toString(ids) + "}");

    JsonNode computed =
        compare(base, SavedRun.adapter(base, 4, 8), new SegmentSettings(8, 2), tokens);

    assertThat(computed.get("losses")).hasSize(8);
  }

  @Test
  void aPromptOnTheCommandLineIsContinuedAsGenerateDoes() throws Exception {
    exportOf(model, SavedRun.adapter(model, 4, 8), new SegmentSettings(32, 4));
    String text = "It was a dark night;\r\n\u201CNo\u201D, the boy ran home. ".repeat(12);
    Files.writeString(prompt, "\uFEFF" + text);

    int status = python(output.resolve(FILE), "--prompt-file", prompt, "--max-new-tokens", 16);

    assertThat(status).as("%s", read("err")).isZero();
    CommandRun generated =
        CommandRun.of(
            "generate",
            "--model",
            model,
            "--adapter",
            output,
            "--prompt-file",
            prompt,
            "--max-new-tokens",
            16);
    assertThat(read("out")).isEqualToNormalizingNewlines(generated.out()).hasSizeGreaterThan(16);
  }

  @Test
  void anAdapterOfAnotherShapeIsRefused() throws Exception {
    exportOf(model, SavedRun.adapter(model, 4, 8), new SegmentSettings(32, 4));

    int status = python(output.resolve(FILE), "--prompt-file", prompt, "--model", MHA);

    assertThat(status).isPositive();
    assertThat(read("err")).contains("ValueError: adapter tensor", "base needs", "found");
    assertThat(read("out")).isEmpty();
  }

  private void exportOf(Path base, Adapter adapter, SegmentSettings segments) {
    SavedRun.write(folder.resolve("run"), base, adapter, segments);
    assertThat(export(folder.resolve("run")).status()).isZero();
  }

  /** What Python computes with the export of an adapter, after it was compared with ours. */
  private JsonNode compare(Path base, Adapter adapter, SegmentSettings segments, Path tokens)
      throws Exception {
    exportOf(base, adapter, segments);
    JsonNode text = new ObjectMapper().readTree(tokens.toFile());
    int[] ids = ints(text.get("input_ids"));
    int[] lengths = {15, 2 * segments.segmentLength(), ids.length};

    int status = python(SCRIPT, output, tokens, lengths[0], lengths[1], lengths[2]);

    assertThat(status).as("%s", read("err")).isZero();
    JsonNode computed = new ObjectMapper().readTree(read("out"));
    assertLosses(computed.get("losses"), ourLosses(base, tokens));
    List<int[]> ours = ourContinuations(base, ids, lengths);
    for (int i = 0; i < lengths.length; i++) {
      int[] own = ours.get(i);
      assertThat(ints(computed.get("continuations").get(i))).containsExactly(own);
      computed
          .get("in_two_parts")
          .get(i)
          .forEach(again -> assertThat(ints(again)).containsExactly(own));
    }
    return computed;
  }

  /** That continuations agree says little where all are one token again and again. */
  private static void assertDifferent(JsonNode computed) {
    Set<Integer> tokens = new HashSet<>();
    for (JsonNode continuation : computed.get("continuations")) {
      Arrays.stream(ints(continuation)).forEach(tokens::add);
    }
    assertThat(tokens).hasSizeGreaterThan(3);
  }

  private JsonNode ourLosses(Path base, Path tokens) throws IOException {
    CommandRun audit =
        CommandRun.of("audit", "--model", base, "--adapter", output, "--tokens", tokens);
    assertThat(audit.status()).isZero();
    return new ObjectMapper().readTree(audit.out()).get("loss_sum_per_segment");
  }

  private List<int[]> ourContinuations(Path base, int[] ids, int[] lengths) {
    LoadedAdapter loaded = AdapterFiles.load(output);
    try (FrozenLlama frozen = FrozenLlama.load(base, Device.cpu(), BasePrecision.FLOAT32);
        MemoryModel memory =
            new MemoryModel(frozen, loaded.config().settings(), loaded.adapter().shape());
        DeviceAdapter uploaded = memory.upload(loaded.adapter())) {
      TextGenerator generator = new TextGenerator(memory, uploaded);
      return Arrays.stream(lengths)
          .mapToObj(length -> Arrays.copyOf(ids, length))
          .map(start -> generator.generate(start, NEW_TOKENS, Sampling.GREEDY, token -> {}))
          .toList();
    }
  }

  private static void assertLosses(JsonNode computed, JsonNode expected) {
    assertThat(computed).hasSameSizeAs(expected);
    for (int t = 0; t < expected.size(); t++) {
      double sum = expected.get(t).asDouble();
      assertThat(computed.get(t).asDouble()).isCloseTo(sum, within(1e-5 * sum));
    }
  }

  private static int[] ints(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
