package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.segment.SegmentSettings;

/** Input of every command that is good as it is, for a test to spoil. */
abstract class CommandInput {
  static final Path TINY = Path.of("src/main/resources/org/uiospark/jobs/quickstart/model");
  static final Path BOOK =
      Path.of("src/main/resources/org/uiospark/jobs/quickstart/books/emma.txt");
  static final Path MHA = Path.of("../model/src/test/resources/fixtures/mha");
  private static final Map<String, String> SPARK =
      Map.of(
          "spark.master", "local[1]",
          "spark.ui.enabled", "false",
          "spark.driver.host", "127.0.0.1",
          "spark.driver.bindAddress", "127.0.0.1");

  @TempDir static Path shared;
  private static Path prepared;

  @TempDir Path folder;
  Path model;
  Path adapter;
  Path output;
  Path prompt;

  @BeforeAll
  static void asSparkSubmitWould() {
    SPARK.forEach(System::setProperty);
  }

  @AfterAll
  static void asBefore() {
    SPARK.keySet().forEach(System::clearProperty);
    prepared = null;
  }

  @BeforeEach
  void goodInput() throws IOException {
    model = copy(TINY, "model", "config.json", "model.safetensors", "tokenizer.json");
    adapter = folder.resolve("adapter");
    saveAdapter(TINY, adapter, 4, 0);
    output = folder.resolve("output");
    prompt = Files.writeString(folder.resolve("prompt.txt"), "The boy ran home.");
  }

  CommandRun prep(Object input, Object... options) {
    return run(
        options,
        "prep",
        "--input",
        input,
        "--output",
        output,
        "--segment-length",
        32,
        "--tokenizer",
        TINY.resolve("tokenizer.json"));
  }

  CommandRun train(Path with, Path data, Object... options) {
    return run(
        options,
        "train",
        "--model",
        with,
        "--data",
        data,
        "--output",
        output,
        "--segment-length",
        32,
        "--memory-tokens",
        4,
        "--rank",
        4,
        "--batch",
        2);
  }

  CommandRun evaluate(Path with, Path of, Path data, Object... options) {
    return run(
        options,
        "evaluate",
        "--model",
        with,
        "--adapter",
        of,
        "--data",
        data,
        "--output",
        output,
        "--lengths",
        64);
  }

  CommandRun generate(Path with, Path of) {
    return CommandRun.of("generate", "--model", with, "--adapter", of, "--prompt-file", prompt);
  }

  CommandRun audit(Path with, Path of, Object... options) {
    return run(
        options,
        "audit",
        "--model",
        with,
        "--adapter",
        of,
        "--tokens",
        MHA.resolve("tokens.json"),
        "--gradients",
        output);
  }

  CommandRun export(Object checkpoint) {
    return CommandRun.of("export", "--checkpoint", checkpoint, "--output", output);
  }

  /** A command; what {@code options} gives stands in for the value that a helper gave. */
  private static CommandRun run(Object[] options, Object... first) {
    List<Object> words = new ArrayList<>(Arrays.asList(first));
    for (Object option : options) {
      int at = option.toString().startsWith("--") ? words.indexOf(option) : -1;
      if (at >= 0) {
        words.subList(at, at + 2).clear();
      }
    }
    words.addAll(Arrays.asList(options));
    return CommandRun.of(words.toArray());
  }

  /** A small data set in segments of 32 tokens, made once. */
  Path data() throws IOException {
    if (prepared == null) {
      Path book = shared.resolve("book.txt");
      Files.writeString(book, Files.readString(BOOK).substring(2000, 4000));
      Path set = shared.resolve("data");
      CommandRun made =
          CommandRun.of(
              "prep",
              "--input",
              book,
              "--output",
              set,
              "--segment-length",
              32,
              "--tokenizer",
              TINY.resolve("tokenizer.json"));
      assertThat(made.err()).isEmpty();
      prepared = set;
    }
    return prepared;
  }

  void copyData(Path to) throws IOException {
    Files.createDirectory(to);
    try (var files = Files.list(data())) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  Path copy(Path from, String name, String... files) throws IOException {
    Path to = Files.createDirectory(folder.resolve(name));
    for (String file : files) {
      Files.copy(from.resolve(file), to.resolve(file));
    }
    return to;
  }

  static void cut(Path file) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
  }

  static void edit(Path file, String from, String to) throws IOException {
    assertThat(file).content().contains(from);
    Files.writeString(file, Files.readString(file).replace(from, to));
  }

  static void saveAdapter(Path of, Path to, int rank, float value) throws IOException {
    saveAdapter(of, to, rank, value, UnaryOperator.identity());
  }

  static void saveAdapter(
      Path of, Path to, int rank, float value, UnaryOperator<AdapterShape> changed)
      throws IOException {
    try (LlamaCheckpoint base = LlamaCheckpoint.open(of)) {
      AdapterShape shape = changed.apply(AdapterShape.of(base.config(), rank, 8));
      AdapterFiles.save(to, adapter(shape, value), config(base, shape));
    }
  }

  static void saveCheckpoint(Path run, int rank) {
    SavedRun.write(run, TINY, SavedRun.adapter(TINY, rank, 32), new SegmentSettings(32, 4));
  }

  private static Adapter adapter(AdapterShape shape, float value) {
    float[] values = new float[shape.size()];
    Arrays.fill(values, value);
    return new Adapter(shape, values);
  }

  private static AdapterConfig config(LlamaCheckpoint base, AdapterShape shape) {
    return AdapterConfig.of(
        AdapterConfig.BaseModel.of("tiny", base.fingerprint(), base.config()),
        new SegmentSettings(32, 4),
        shape,
        Map.of());
  }
}
