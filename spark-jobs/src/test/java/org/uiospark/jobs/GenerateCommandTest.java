package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.jobs.CommandRun.assertRefused;

import ai.djl.Device;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.Checkpoint;
import org.uiospark.jobs.checkpoint.CheckpointStore;
import org.uiospark.jobs.checkpoint.Losses;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.adapter.AdapterShape;
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

class GenerateCommandTest {
  private static final Path MODEL =
      Path.of("src/main/resources/org/uiospark/jobs/quickstart/model");
  private static final Path OTHER_MODEL = Path.of("../model/src/test/resources/fixtures/mha");

  @TempDir Path folder;
  private Path adapter;
  private Path prompt;

  @BeforeEach
  void files() throws IOException {
    prompt = Files.writeString(folder.resolve("prompt.txt"), "The boy ran home. ".repeat(20));
    adapter = folder.resolve("adapter");
    LoadedAdapter untrained = untrained();
    AdapterFiles.save(adapter, untrained.adapter(), untrained.config());
  }

  private static LoadedAdapter untrained() {
    try (LlamaCheckpoint base = LlamaCheckpoint.open(MODEL)) {
      AdapterShape shape = AdapterShape.of(base.config(), 4, 8);
      return new LoadedAdapter(
          Adapter.initial(shape, base.embedding(base.config().eosTokenId()), 1),
          AdapterConfig.of(
              AdapterConfig.BaseModel.of("tiny", base.fingerprint(), base.config()),
              new SegmentSettings(32, 4),
              shape,
              Map.of()));
    }
  }

  private CommandRun generate(Object... options) {
    return generate(MODEL, adapter, options);
  }

  private CommandRun generate(Path model, Path with, Object... options) {
    Object[] all = new Object[options.length + 7];
    Object[] first = {"generate", "--model", model, "--adapter", with, "--prompt-file", prompt};
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(options, 0, all, first.length, options.length);
    return CommandRun.of(all);
  }

  @Test
  void printsTheContinuationAndNothingElse() throws IOException {
    CommandRun run = generate("--max-new-tokens", 40);

    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    LoadedAdapter loaded = AdapterFiles.load(adapter);
    try (FrozenLlama base = FrozenLlama.load(MODEL, Device.cpu(), BasePrecision.FLOAT32);
        MemoryModel model =
            new MemoryModel(base, new SegmentSettings(32, 4), loaded.adapter().shape());
        DeviceAdapter uploaded = model.upload(loaded.adapter());
        TextTokenizer tokenizer = TextTokenizer.load(MODEL.resolve("tokenizer.json"))) {
      int[] tokens =
          new TextGenerator(model, uploaded)
              .generate(
                  tokenizer.encode(Files.readString(prompt)), 40, Sampling.GREEDY, token -> {});
      assertThat(tokens).hasSizeGreaterThan(10);
      assertThat(run.out()).isEqualToNormalizingNewlines(tokenizer.decode(tokens) + "\n");
    }
  }

  @Test
  void theSeedDecidesWhatIsDrawn() {
    String first = draw(3).out();

    assertThat(draw(3).out()).isEqualTo(first);
    assertThat(draw(4).out()).isNotEqualTo(first);
  }

  private CommandRun draw(int seed) {
    return generate("--max-new-tokens", 30, "--temperature", 0.9, "--top-p", 0.95, "--seed", seed);
  }

  /** It is one stream, so the other cores of a master would idle. */
  @Test
  void everyCoreThatTheMasterNamesComputes() {
    String before = System.getProperty("spark.master");
    try {
      for (int cores : new int[] {3, 1}) {
        System.setProperty("spark.master", "local[" + cores + "]");
        assertThat(generate("--max-new-tokens", 2).status()).isZero();
        assertThat(JniUtils.getNumThreads()).isEqualTo(cores);
      }
    } finally {
      if (before == null) {
        System.clearProperty("spark.master");
      } else {
        System.setProperty("spark.master", before);
      }
    }
  }

  @Test
  void checkpointsAndRunsServeAsAdapters() throws IOException {
    LoadedAdapter untrained = untrained();
    float[] zeros = new float[untrained.adapter().shape().size()];
    Path run = folder.resolve("run");
    new CheckpointStore(OutputFolder.of(run.toString(), new Configuration()))
        .save(
            new Checkpoint(
                untrained.config(),
                untrained.adapter(),
                zeros,
                zeros,
                new TrainerState(1, 2, 0, "", "", Map.of(), Map.of())),
            Losses.UNKNOWN);
    String expected = generate("--max-new-tokens", 5).out();

    Path step = run.resolve("checkpoints/step-2");
    assertThat(generate(MODEL, step, "--max-new-tokens", 5).out()).isEqualTo(expected);
    assertThat(generate(MODEL, run, "--max-new-tokens", 5).out()).isEqualTo(expected);
    Files.delete(step.resolve("MANIFEST.json"));
    assertRefused(generate(MODEL, step), "never finished");
  }

  @Test
  void theTokenizerOfTheExportServesAModelWithoutOne() throws IOException {
    Path bare = Files.createDirectory(folder.resolve("bare"));
    Files.copy(MODEL.resolve("config.json"), bare.resolve("config.json"));
    Files.copy(MODEL.resolve("model.safetensors"), bare.resolve("model.safetensors"));

    assertRefused(generate(bare, adapter), "tokenizer.json", "does not exist");
    Files.copy(MODEL.resolve("tokenizer.json"), adapter.resolve("tokenizer.json"));
    assertThat(generate(bare, adapter, "--max-new-tokens", 5).out())
        .isEqualTo(generate("--max-new-tokens", 5).out());
  }

  @Test
  void aByteOrderMarkIsNoPartOfAPromptOrAConfiguration() throws IOException {
    String expected = generate("--max-new-tokens", 5).out();
    String text = Files.readString(prompt);
    Files.writeString(prompt, "\uFEFF" + text);
    assertThat(generate("--max-new-tokens", 5).out()).isEqualTo(expected);
    Files.write(prompt, ("\uFEFF" + text).getBytes(StandardCharsets.UTF_16LE));
    Path marked = Files.createDirectory(folder.resolve("marked"));
    for (String name : List.of("model.safetensors", "tokenizer.json")) {
      Files.copy(MODEL.resolve(name), marked.resolve(name));
    }
    Files.writeString(
        marked.resolve("config.json"), "\uFEFF" + Files.readString(MODEL.resolve("config.json")));
    assertThat(generate(marked, adapter, "--max-new-tokens", 5).out()).isEqualTo(expected);
  }

  @Test
  void promptsThatCannotBeReadAreRefused() throws IOException {
    Files.writeString(prompt, "");
    assertRefused(generate(), "prompt.txt", "is empty");
    Files.write(prompt, new byte[] {'a', (byte) 0xC3});
    assertRefused(generate(), "is not UTF-8");
    Files.delete(prompt);
    assertRefused(generate(), "prompt file", "does not exist");
  }

  @Test
  void whatDoesNotFitTheModelIsRefused() throws IOException {
    assertRefused(generate(OTHER_MODEL, adapter), "tokenizer.json", "does not exist");
    Path small = Files.createDirectory(folder.resolve("small"));
    Files.copy(OTHER_MODEL.resolve("config.json"), small.resolve("config.json"));
    Files.copy(OTHER_MODEL.resolve("model.safetensors"), small.resolve("model.safetensors"));
    Files.copy(MODEL.resolve("tokenizer.json"), small.resolve("tokenizer.json"));
    assertRefused(generate(small, adapter), "another model");
    assertRefused(generate(small, smallAdapter(small)), "2048 tokens", "vocabulary of 260");
    assertRefused(generate(MODEL, folder.resolve("nowhere")), "nowhere", "does not exist");
    assertRefused(generate(folder.resolve("nowhere"), adapter), "nowhere", "does not exist");
    assertRefused(generate("--top-p", 1.5), "top-p");
  }

  private Path smallAdapter(Path model) {
    Path saved = folder.resolve("small-adapter");
    try (LlamaCheckpoint base = LlamaCheckpoint.open(model)) {
      AdapterShape shape = AdapterShape.of(base.config(), 2, 2);
      AdapterFiles.save(
          saved,
          new Adapter(shape, new float[shape.size()]),
          AdapterConfig.of(
              AdapterConfig.BaseModel.of("small", base.fingerprint(), base.config()),
              new SegmentSettings(8, 2),
              shape,
              Map.of()));
    }
    return saved;
  }
}
