package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.jobs.CommandRun.assertRefused;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.jobs.checkpoint.Checkpoint;
import org.uiospark.jobs.checkpoint.CheckpointStore;
import org.uiospark.jobs.checkpoint.OutputFolder;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.memory.SegmentSettings;

/** What a user can get wrong, through the commands where it is met. */
class BadInputTest {
  private static final Path TINY = Path.of("src/main/resources/org/uiospark/jobs/quickstart/model");
  private static final Path BOOK =
      Path.of("src/main/resources/org/uiospark/jobs/quickstart/books/emma.txt");
  private static final Path MHA = Path.of("../model/src/test/resources/fixtures/mha");
  private static final Map<String, String> SPARK =
      Map.of(
          "spark.master", "local[1]",
          "spark.ui.enabled", "false",
          "spark.driver.host", "127.0.0.1",
          "spark.driver.bindAddress", "127.0.0.1");

  @TempDir static Path shared;
  private static Path prepared;

  @TempDir Path folder;
  private Path model;
  private Path adapter;
  private Path output;
  private Path prompt;

  @BeforeAll
  static void asSparkSubmitWould() {
    SPARK.forEach(System::setProperty);
  }

  @AfterAll
  static void asBefore() {
    SPARK.keySet().forEach(System::clearProperty);
  }

  @BeforeEach
  void goodInput() throws IOException {
    model = copy(TINY, "model", "config.json", "model.safetensors", "tokenizer.json");
    adapter = folder.resolve("adapter");
    saveAdapter(TINY, adapter, 4, 0);
    output = folder.resolve("output");
    prompt = Files.writeString(folder.resolve("prompt.txt"), "The boy ran home.");
  }

  // Options, keys and settings: refused before Spark starts.

  @ParameterizedTest
  @ValueSource(strings = {"prep", "train", "evaluate", "generate", "export", "audit", "quickstart"})
  void unknownOptionsKeysAndConfigurationFiles(String command) throws IOException {
    Path conf = Files.writeString(folder.resolve("my.conf"), "train {\n  stpes = 3\n}\n");

    assertRefused(CommandRun.of(command, "--sedd", 1), "unknown option '--sedd'", command);
    assertRefused(
        CommandRun.of(command, "--conf", conf),
        "my.conf",
        "'train.stpes' in line 2",
        "train.steps");
    assertRefused(CommandRun.of(command, "--conf", folder.resolve("no.conf")), "no.conf");
  }

  @Test
  void memoryTokensThatDoNotDivideTheSegment() {
    String says = "segment-length 32 is not divisible by memory-tokens 5";

    assertRefused(train(model, folder, "--memory-tokens", 5), says);
    assertRefused(audit(model, adapter, "--segment-length", 32, "--memory-tokens", 5), says);
  }

  @ParameterizedTest
  @CsvSource({"prep, --input", "train, --model", "evaluate, --model", "export, --checkpoint"})
  void commandsWithoutWhatTheyNeed(String command, String option) {
    assertRefused(CommandRun.of(command), command + " needs " + option);
  }

  // Files, where no Spark session is needed.

  @Test
  void filesThatAreNotThere() throws IOException {
    Path nowhere = folder.resolve("nowhere");

    assertRefused(generate(nowhere, adapter), "nowhere", "does not exist");
    assertRefused(generate(model, nowhere), "nowhere", "does not exist");
    assertRefused(audit(nowhere, adapter), "nowhere", "does not exist");
    assertRefused(audit(model, nowhere), "nowhere", "does not exist");
    assertRefused(export(nowhere), "nowhere", "does not exist");
    Files.delete(prompt);
    assertRefused(generate(model, adapter), "prompt.txt", "does not exist");
    assertRefused(export("gone://bucket/run"), "gone");
    assertThat(output).doesNotExist();
  }

  @Test
  void aModelWithoutConfiguration() throws IOException {
    Files.delete(model.resolve("config.json"));

    assertRefused(generate(model, adapter), model.toString(), "has no config.json");
    assertRefused(audit(model, adapter), model.toString(), "has no config.json");
  }

  @Test
  void truncatedWeights() throws IOException {
    Path run = folder.resolve("run");
    saveCheckpoint(run, 4);
    cut(run.resolve("checkpoints/step-1/adapter.safetensors"));
    assertRefused(export(run.resolve("checkpoints/step-1")), "adapter.safetensors", "damaged");
    assertThat(output).doesNotExist();

    cut(adapter.resolve("adapter.safetensors"));
    assertRefused(generate(model, adapter), "adapter.safetensors", "trunc");
    assertRefused(audit(model, adapter), "adapter.safetensors", "trunc");

    cut(model.resolve("model.safetensors"));
    assertRefused(generate(model, adapter), "model.safetensors", "trunc");
    assertRefused(audit(model, adapter), "model.safetensors", "trunc");
  }

  @Test
  void tensorsOfTheWrongShape() throws IOException {
    edit(
        adapter.resolve("adapter_config.json"),
        "\"segment_length\" : 32",
        "\"segment_length\" : 30");
    assertRefused(generate(model, adapter), "adapter_config.json", "30", "4");

    edit(model.resolve("config.json"), "\"vocab_size\": 2048", "\"vocab_size\": 2047");
    assertRefused(audit(model, adapter), "embed_tokens", "expected shape [2047,");
    assertRefused(generate(model, adapter), "embed_tokens", "found [2048,");
  }

  @Test
  void anAdapterOfAnotherModelOrRank() throws IOException {
    Path other = folder.resolve("other");
    saveAdapter(MHA, other, 4, 0);
    assertRefused(generate(model, other), "another model");
    assertRefused(audit(model, other), "another model");

    saveAdapter(TINY, folder.resolve("wide"), 8, 0);
    Files.copy(
        folder.resolve("wide/adapter.safetensors"),
        Files.createDirectory(folder.resolve("mixed")).resolve("adapter.safetensors"));
    Files.copy(adapter.resolve("adapter_config.json"), folder.resolve("mixed/adapter_config.json"));
    assertRefused(generate(model, folder.resolve("mixed")), "rank 8", "4");
    assertRefused(audit(model, folder.resolve("mixed")), "rank 8", "4");
  }

  @Test
  void aTokenizerLargerThanTheVocabularyOfTheModel() throws IOException {
    Path small = copy(MHA, "small", "config.json", "model.safetensors");
    Files.copy(TINY.resolve("tokenizer.json"), small.resolve("tokenizer.json"));
    saveAdapter(MHA, folder.resolve("other"), 4, 0);

    assertRefused(generate(small, folder.resolve("other")), "2048 tokens", "vocabulary of 260");
  }

  @Test
  void anAdapterThatGivesNoFiniteLoss() throws IOException {
    saveAdapter(TINY, folder.resolve("poisoned"), 4, 1e30f);

    assertRefused(audit(model, folder.resolve("poisoned")), "the loss of segment");
  }

  // Corpora.

  @Test
  @Tag("cluster")
  void corporaThatCannotBePrepared() throws IOException {
    Path nowhere = folder.resolve("nowhere");
    assertRefused(prep(nowhere), "nowhere", "matches no file");
    assertRefused(prep(model), model.toString(), "holds no .txt");
    assertRefused(prep("gone://bucket/books"), "gone");
    assertRefused(prep(""), "prep needs --input");
    assertRefused(prep(prompt, "--tokenizer", nowhere), "tokenizer", "nowhere", "does not exist");
    assertRefused(prep(prompt, "--tokenizer", prompt, "--eos-token-id", 0), "prompt.txt", "is not");
    assertRefused(prep(prompt, "--min-segments", 9), "empty corpus", "prompt.txt", "min-segments");
    assertRefused(prep(Files.createFile(folder.resolve("empty.txt"))), "empty corpus", "empty.txt");
    assertRefused(prep(Files.writeString(folder.resolve("a.txt.gz"), "plain")), "not a gzip file");
    assertRefused(prep(cutGzip()), "cut.txt.gz", "damaged gzip file");
    assertThat(output).doesNotExist();
    output = prompt.resolve("below");
    assertRefused(prep(prompt, "--min-segments", 1), "below", "cannot be written");
  }

  private Path cutGzip() throws IOException {
    Path file = folder.resolve("cut.txt.gz");
    try (var out = new java.util.zip.GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(Files.readAllBytes(BOOK));
    }
    cut(file);
    return file;
  }

  @Test
  @Tag("cluster")
  void malformedLinesAreCountedAndAboveTheShareRefused() throws IOException {
    String good = "{\"text\": \"" + "word ".repeat(100) + "\"}\n";
    Path lines =
        Files.writeString(
            folder.resolve("x.jsonl"), good + "{\"text\": \"a\"} more\n" + good.repeat(8));

    assertRefused(
        prep(lines), "1 of 10 JSONL lines", "max-rejected-share 0.01", "x.jsonl:2: no JSON");
    assertThat(output).doesNotExist();

    CommandRun counted = prep(lines, "--max-rejected-share", 0.1);
    assertThat(counted.status()).isZero();
    assertThat(counted.out())
        .contains("9 new documents", "left out: malformed line: 1", "x.jsonl:2: no JSON");
  }

  // Training and evaluation.

  @Test
  @Tag("cluster")
  void modelsThatCannotBeTrainedOrEvaluated() throws IOException {
    Path nowhere = folder.resolve("nowhere");
    assertModelRefused(nowhere, "nowhere", "does not exist");
    edit(model.resolve("config.json"), "\"vocab_size\": 2048", "\"vocab_size\": 2047");
    assertModelRefused(model, "embed_tokens", "expected shape [2047,");
    cut(model.resolve("model.safetensors"));
    assertModelRefused(model, "model.safetensors", "trunc");
    Files.delete(model.resolve("config.json"));
    assertModelRefused(model, "has no config.json");
    assertThat(output).doesNotExist();
  }

  private void assertModelRefused(Path refused, String... says) throws IOException {
    assertRefused(train(refused, data()), says);
    assertRefused(evaluate(refused, adapter, data()), says);
  }

  @Test
  @Tag("cluster")
  void dataSetsThatCannotBeRead() throws IOException {
    Path set = folder.resolve("set");
    assertDataRefused(set, "set", "not a committed data set");
    copyData(set);
    Path arrow = set.resolve("data-00000-of-00001.arrow");
    cut(arrow);
    assertDataRefused(set, "data-00000-of-00001.arrow", "bytes instead of");
    Files.delete(arrow);
    assertDataRefused(set, "data-00000-of-00001.arrow", "is missing");
    cut(set.resolve("state.json"));
    assertDataRefused(set, "state.json", "is not JSON");
    assertThat(output).doesNotExist();
  }

  private void assertDataRefused(Path refused, String... says) {
    assertRefused(train(model, refused), says);
    assertRefused(evaluate(model, adapter, refused), says);
  }

  @Test
  @Tag("cluster")
  void whatDoesNotFitTogether() throws IOException {
    Path other = folder.resolve("other");
    saveAdapter(MHA, other, 4, 0);
    assertRefused(evaluate(model, other, data()), "another model");
    assertRefused(train(model, data(), "--segment-length", 64), "--segment-length 32", "64");
    assertRefused(train(model, data(), "--rank", 100_000), "rank 100000");
    assertRefused(
        evaluate(model, adapter, data(), "--lengths", 33), "lengths 33", "segment length 32");
    assertRefused(train(MHA, data()), "tokenizer of 2048 tokens", "vocabulary of 260");
    assertRefused(evaluate(MHA, other, data()), "tokenizer of 2048 tokens", "vocabulary of 260");
    assertThat(output).doesNotExist();

    saveCheckpoint(output, 4);
    assertRefused(train(model, data()), "already has checkpoints", "--resume");
    assertRefused(train(model, data(), "--rank", 8, "--resume"), "rank 4, now 8");
  }

  @Test
  @Tag("cluster")
  void tokensThatTheModelDoesNotHaveAreNamedByTheirDocument() throws IOException {
    Path set = folder.resolve("set");
    copyData(set);
    edit(set.resolve("state.json"), "\"vocabulary_size\" : 2048", "\"vocabulary_size\" : 260");
    saveAdapter(MHA, folder.resolve("other"), 4, 0);

    String[] says = {
      "document book.txt, offset ", "token ", "outside the model's vocabulary of 260"
    };
    assertRefused(train(MHA, set), says);
    assertRefused(evaluate(MHA, folder.resolve("other"), set), says);
  }

  @Test
  @Tag("cluster")
  void lossesThatAreNotFiniteAreNamedByStepAndSequence() throws IOException {
    assertRefused(
        train(model, data(), "--lr", 1e30, "--warmup", 0, "--steps", 3, "--checkpoint-every", 3),
        "step 2: loss or gradient is not finite",
        "document book.txt, offset ",
        "lower --lr");
    assertThat(output.resolve("checkpoints")).doesNotExist();

    saveAdapter(TINY, folder.resolve("poisoned"), 4, 1e30f);
    output = folder.resolve("evaluated");
    assertRefused(
        evaluate(model, folder.resolve("poisoned"), data()), "loss of segment", "book.txt");
    assertThat(output).doesNotExist();
  }

  private CommandRun prep(Object input, Object... options) {
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

  private CommandRun train(Path with, Path data, Object... options) {
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

  private CommandRun evaluate(Path with, Path of, Path data, Object... options) {
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

  private CommandRun generate(Path with, Path of) {
    return CommandRun.of("generate", "--model", with, "--adapter", of, "--prompt-file", prompt);
  }

  private CommandRun audit(Path with, Path of, Object... options) {
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

  private CommandRun export(Object checkpoint) {
    return CommandRun.of("export", "--checkpoint", checkpoint, "--output", output);
  }

  /** Options that are given later count more: they stand in for those of the helper. */
  private static CommandRun run(Object[] options, Object... first) {
    Object[] all = Arrays.copyOf(first, first.length + options.length);
    System.arraycopy(options, 0, all, first.length, options.length);
    return CommandRun.of(all);
  }

  /** A small data set in segments of 32 tokens, made once. */
  private Path data() throws IOException {
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

  private void copyData(Path to) throws IOException {
    Files.createDirectory(to);
    try (var files = Files.list(data())) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private Path copy(Path from, String name, String... files) throws IOException {
    Path to = Files.createDirectory(folder.resolve(name));
    for (String file : files) {
      Files.copy(from.resolve(file), to.resolve(file));
    }
    return to;
  }

  private static void cut(Path file) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
  }

  private static void edit(Path file, String from, String to) throws IOException {
    assertThat(file).content().contains(from);
    Files.writeString(file, Files.readString(file).replace(from, to));
  }

  private static void saveAdapter(Path of, Path to, int rank, float value) throws IOException {
    try (LlamaCheckpoint base = LlamaCheckpoint.open(of)) {
      AdapterShape shape = AdapterShape.of(base.config(), rank, 8);
      AdapterFiles.save(to, adapter(shape, value), config(base, shape));
    }
  }

  private static void saveCheckpoint(Path run, int rank) {
    try (LlamaCheckpoint base = LlamaCheckpoint.open(TINY)) {
      AdapterShape shape = AdapterShape.of(base.config(), rank, 32);
      float[] zeros = new float[shape.size()];
      TrainerState state =
          new TrainerState(1, 1, 0, base.fingerprint(), "", Map.of("rank", rank), Map.of());
      new CheckpointStore(OutputFolder.of(run.toString(), new Configuration()))
          .save(new Checkpoint(config(base, shape), adapter(shape, 0), zeros, zeros, state));
    }
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
