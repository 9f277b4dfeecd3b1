package org.uiospark.jobs.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.prep.PrepJob;
import org.uiospark.data.prep.PrepSummary;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.TextReading;
import org.uiospark.data.source.SourceContent;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.LocalSpark;
import org.uiospark.jobs.checkpoint.Checkpoint;
import org.uiospark.jobs.checkpoint.CheckpointStore;
import org.uiospark.jobs.checkpoint.Losses;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.adapter.LoadedAdapter;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.safetensors.SafetensorsFile;
import org.uiospark.model.segment.SegmentSettings;
import org.uiospark.model.segment.TokenSequence;
import org.uiospark.model.text.PieceEncoder;
import org.uiospark.model.text.TextTokenizer;

/**
 * Damaged and lying files of every format: each loads whole, or ends in one clear line; no other
 * exception, no hang, no memory beyond what the file accounts for.
 */
@Tag("cluster")
class HostileFilesTest {
  private static final Path TINY = Path.of("src/main/resources/org/uiospark/jobs/quickstart/model");
  private static final Path BASE = Path.of("../model/src/test/resources/fixtures/gqa-tied");
  private static final Path BOOK =
      Path.of("src/main/resources/org/uiospark/jobs/quickstart/books/emma.txt");
  private static final Path FORMATS = Path.of("../data-prep/src/test/resources/formats");

  /** Its library makes room for what a page says that it holds. */
  private static final long PARQUET_BYTES = 256 << 20;

  private static final String ARROW = "data-00000-of-00001.arrow";
  private static final String MANIFEST = "MANIFEST.json";
  private static final String STATE = "trainer_state.json";
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final ObjectMapper JSON = new ObjectMapper();

  private static Path good;
  private static Path hostile;
  private static SparkSession spark;

  @BeforeContainer
  static void goodFiles() throws IOException {
    good = Files.createTempDirectory("good");
    hostile = Files.createTempDirectory("hostile");
    spark = LocalSpark.start(1);
    Path model = Files.createDirectory(good.resolve("model"));
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(BASE.resolve(name), model.resolve(name));
    }
    Path book = good.resolve("text/book.txt");
    Files.createDirectories(book.getParent());
    Files.writeString(book, Files.readString(BOOK).substring(2000, 6000));
    prepare(book, good.resolve("data"), 1);
    try (LlamaCheckpoint base = LlamaCheckpoint.open(BASE)) {
      AdapterShape shape = AdapterShape.of(base.config(), 2, 4);
      AdapterConfig config =
          AdapterConfig.of(
              AdapterConfig.BaseModel.of("tiny", base.fingerprint(), base.config()),
              new SegmentSettings(32, 4),
              shape,
              Map.of("seed", 1));
      Adapter adapter = Adapter.initial(shape, new float[shape.hiddenSize()], 1);
      AdapterFiles.save(good.resolve("adapter"), adapter, config);
      float[] moments = new float[shape.size()];
      TrainerState state =
          new TrainerState(1, 1, 0, base.fingerprint(), "", Map.of("rank", 2), Map.of());
      new CheckpointStore(folder(good.resolve("run")))
          .save(new Checkpoint(config, adapter, moments, moments, state), Losses.UNKNOWN);
    }
  }

  @AfterContainer
  static void clean() throws IOException {
    spark.stop();
    delete(good);
    delete(hostile);
  }

  @Provide
  Arbitrary<List<Damage>> damages() {
    return Damage.several();
  }

  @Provide
  Arbitrary<String> modelFiles() {
    return Arbitraries.of("config.json", "model.safetensors");
  }

  @Provide
  Arbitrary<String> indexFiles() {
    return Arbitraries.of("config.json", "model.safetensors.index.json");
  }

  @Provide
  Arbitrary<String> dataFiles() {
    return Arbitraries.of("state.json", ARROW);
  }

  @Provide
  Arbitrary<String> adapterFiles() {
    return Arbitraries.of(AdapterFiles.CONFIG, AdapterFiles.TENSORS);
  }

  @Provide
  Arbitrary<String> checkpointFiles() {
    return Arbitraries.of(MANIFEST, STATE, OPTIMIZER, AdapterFiles.CONFIG, AdapterFiles.TENSORS);
  }

  @Property
  void safetensors(@ForAll("damages") List<Damage> damages, @ForAll boolean header)
      throws Exception {
    Path file = fresh("adapter").resolve(AdapterFiles.TENSORS);
    spoil(file, damages, header);
    Guarded.read(
        file.getParent(),
        () -> {
          try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            long bytes = 0;
            for (String name : tensors.names()) {
              bytes += tensors.tensor(name).bytes().remaining();
            }
            assertThat(bytes).isLessThan(Files.size(file));
            return tensors.metadata();
          }
        });
  }

  @Property
  void models(
      @ForAll("modelFiles") String name,
      @ForAll("damages") List<Damage> damages,
      @ForAll boolean header)
      throws Exception {
    Path model = fresh("model");
    spoil(model.resolve(name), damages, header);
    Guarded.read(model, () -> load(model));
  }

  @Property
  void modelsInShards(@ForAll("indexFiles") String name, @ForAll("damages") List<Damage> damages)
      throws Exception {
    Path model = fresh("model");
    Path shard = model.resolve("model-00001-of-00001.safetensors");
    Files.move(model.resolve("model.safetensors"), shard);
    ObjectNode map = JSON.createObjectNode();
    try (SafetensorsFile tensors = SafetensorsFile.open(shard)) {
      tensors.names().forEach(tensor -> map.put(tensor, shard.getFileName().toString()));
    }
    Files.writeString(
        model.resolve("model.safetensors.index.json"),
        JSON.createObjectNode().set("weight_map", map).toString());
    spoil(model.resolve(name), damages, false);
    Guarded.read(model, () -> load(model));
  }

  private static String load(Path model) {
    try (LlamaCheckpoint checkpoint = LlamaCheckpoint.open(model)) {
      float[] embedding = checkpoint.embedding(checkpoint.config().eosTokenId());
      assertThat(embedding).hasSize(checkpoint.config().hiddenSize());
      return checkpoint.fingerprint();
    }
  }

  @Property
  void tokenizers(@ForAll("damages") List<Damage> damages) throws Exception {
    Path folder = Files.createDirectory(empty());
    Path file = folder.resolve("tokenizer.json");
    Files.copy(TINY.resolve("tokenizer.json"), file);
    spoil(file, damages, false);
    Guarded.read(
        folder,
        () -> {
          try (TextTokenizer tokenizer = TextTokenizer.load(file)) {
            PieceEncoder encoder = new PieceEncoder(tokenizer);
            int[] ids = tokenizer.encode("The caf\u00e9  of 1999,\n\n and \uD83D\uDE00 \0 more.");
            for (int id : ids) {
              assertThat(id).isBetween(0, tokenizer.vocabularySize() - 1);
            }
            tokenizer.decode(ids);
            return encoder;
          }
        });
  }

  @Property
  void dataSets(
      @ForAll("dataFiles") String name,
      @ForAll("damages") List<Damage> damages,
      @ForAll boolean summed)
      throws Exception {
    Path set = fresh("data");
    spoil(set.resolve(name), damages, false);
    boolean resummed = summed && name.equals(ARROW);
    if (resummed) {
      ObjectNode state = (ObjectNode) JSON.readTree(set.resolve("state.json").toFile());
      sum((ObjectNode) state.get("_data_files").get(0), set.resolve(ARROW));
      JSON.writeValue(set.resolve("state.json").toFile(), state);
    }
    Integer read = Guarded.read(set, () -> tokens(set).length);
    // Tokens with a true sum may be any.
    if (read != null && !resummed) {
      assertThat(tokens(set)).isEqualTo(tokens(good.resolve("data")));
    }
  }

  private static int[] tokens(Path set) {
    SequenceDataSet data = SequenceDataSet.open(set.toString(), new Configuration());
    int[] all = new int[0];
    for (long i = 0; i < data.size(); i++) {
      TokenSequence sequence = data.sequence(i);
      int before = all.length;
      all = Arrays.copyOf(all, before + sequence.inputIds().length);
      System.arraycopy(sequence.inputIds(), 0, all, before, sequence.inputIds().length);
    }
    return all;
  }

  @Property
  void adapters(
      @ForAll("adapterFiles") String name,
      @ForAll("damages") List<Damage> damages,
      @ForAll boolean header)
      throws Exception {
    Path adapter = fresh("adapter");
    spoil(adapter.resolve(name), damages, header);
    LoadedAdapter loaded = Guarded.read(adapter, () -> AdapterFiles.load(adapter));
    if (loaded != null) {
      assertWhole(loaded.adapter());
    }
  }

  @Property
  void checkpoints(
      @ForAll("checkpointFiles") String name,
      @ForAll("damages") List<Damage> damages,
      @ForAll boolean header,
      @ForAll boolean summed)
      throws Exception {
    Path run = fresh("run");
    Path step = run.resolve("checkpoints/step-1");
    spoil(step.resolve(name), damages, header);
    boolean resummed = summed && !name.equals(MANIFEST);
    if (resummed) {
      JsonNode manifest = JSON.readTree(step.resolve(MANIFEST).toFile());
      sum((ObjectNode) manifest.get("files").get(name), step.resolve(name));
      JSON.writeValue(step.resolve(MANIFEST).toFile(), manifest);
    }
    Checkpoint loaded = Guarded.read(run, () -> new CheckpointStore(folder(run)).load(1));
    if (loaded != null) {
      assertWhole(loaded.adapter());
      assertThat(loaded.state().step()).isEqualTo(1);
      // A file with a true sum may say anything; all others say what they said.
      String changed = resummed ? name : "";
      Checkpoint original = new CheckpointStore(folder(good.resolve("run"))).load(1);
      if (!changed.equals(AdapterFiles.TENSORS)) {
        assertThat(loaded.adapter().values()).isEqualTo(original.adapter().values());
      }
      if (!changed.equals(AdapterFiles.CONFIG)) {
        assertThat(loaded.config()).isEqualTo(original.config());
      }
      if (!changed.equals(OPTIMIZER)) {
        assertThat(loaded.firstMoment()).isEqualTo(original.firstMoment());
        assertThat(loaded.secondMoment()).isEqualTo(original.secondMoment());
      }
      if (!changed.equals(STATE)) {
        assertThat(loaded.state()).isEqualTo(original.state());
      }
    }
  }

  @Provide
  Arbitrary<List<List<Damage>>> damagedLines() {
    return Damage.several().list().ofSize(20);
  }

  /** The real path: 20 spoiled lines and a good one become a data set, or one line. */
  @Property(tries = 40)
  void lines(@ForAll("damagedLines") List<List<Damage>> spoiled) throws Exception {
    Path folder = Files.createDirectory(empty());
    Path file = folder.resolve("corpus.jsonl");
    String line = "{\"id\": \"one\", \"text\": \"" + "word \\u00e9 ".repeat(60) + "\"}\n";
    byte[] good = line.getBytes(StandardCharsets.UTF_8);
    try (OutputStream out = Files.newOutputStream(file)) {
      for (List<Damage> damages : spoiled) {
        out.write(Damage.apply(damages, good));
        out.write('\n');
      }
      out.write(good);
    }
    Path set = folder.resolve("set");
    PrepSummary made = Guarded.read(folder, () -> prepare(file, set, 1));
    if (made == null) {
      assertThat(set.resolve("state.json")).doesNotExist();
    } else {
      assertThat(tokens(set)).isNotEmpty();
    }
  }

  @Provide
  Arbitrary<String> archives() {
    return Arbitraries.of(
        "documents.jsonl.gz", "documents.jsonl.zst", "DOCUMENTS.Jsonl.Bz2", "LIST.JSON.ZST");
  }

  @Provide
  Arbitrary<String> tables() {
    return Arbitraries.of(
        "datasets.parquet", "zstd.parquet", "gzip.parquet", "lz4.PARQUET", "plain.parquet");
  }

  @Provide
  Arbitrary<String> jsonFiles() {
    return Arbitraries.of("list.json", "lines.json", "values.json", "utf16.jsonl");
  }

  /** Their sums say that what is read is what was packed: all of it, or nothing. */
  @Property
  void archives(@ForAll("archives") String name, @ForAll("damages") List<Damage> damages)
      throws Exception {
    SourceContent read = readSpoiled(name, damages);
    if (read != null) {
      assertThat(read.malformed()).isZero();
      assertThat(read).isEqualTo(SourceContent.read(FORMATS.resolve(name)));
    }
  }

  /** Most tables have no sums over their text, but their rows are all there or none. */
  @Property
  void tables(@ForAll("tables") String name, @ForAll("damages") List<Damage> damages)
      throws Exception {
    SourceContent read = readSpoiled(name, damages);
    if (read != null) {
      assertThat(read.texts().size() + read.malformed()).isEqualTo(10);
    }
  }

  @Property
  void jsonFiles(@ForAll("jsonFiles") String name, @ForAll("damages") List<Damage> damages)
      throws Exception {
    readSpoiled(name, damages);
  }

  private static SourceContent readSpoiled(String name, List<Damage> damages) throws Exception {
    Path folder = Files.createDirectory(empty());
    Path file = Files.copy(FORMATS.resolve(name), folder.resolve(name));
    spoil(file, damages, false);
    return Guarded.read(folder, PARQUET_BYTES, () -> SourceContent.read(file));
  }

  /** The real path: a spoiled file beside a good one is read, or left out and named. */
  @Property(tries = 20)
  void corpora(@ForAll("spoilable") String name, @ForAll("damages") List<Damage> damages)
      throws Exception {
    Path folder = Files.createDirectory(empty());
    Files.copy(good.resolve("text/book.txt"), folder.resolve("book.txt"));
    Path file = Files.copy(FORMATS.resolve(name), folder.resolve(name));
    spoil(file, damages, false);
    Path set = folder.resolve("set");
    PrepSummary summary = Guarded.read(folder, PARQUET_BYTES, () -> prepare(folder, set, 1));
    try {
      SourceContent content = SourceContent.read(file);
      assertThat(summary.sources().spoiled()).isEmpty();
      assertThat(summary.sources().read()).isEqualTo(2);
      assertThat(summary.rejected().getOrDefault("malformed line", 0L))
          .isGreaterThanOrEqualTo(content.malformed());
    } catch (InvalidInputException e) {
      assertThat(summary.sources().spoiled()).hasSize(1);
      assertThat(summary.sources().read()).isEqualTo(1);
      assertThat(summary.documents()).isEqualTo(1);
    }
  }

  @Provide
  Arbitrary<String> spoilable() {
    return Arbitraries.oneOf(archives(), tables(), jsonFiles());
  }

  private static PrepSummary prepare(Path input, Path set, double share) {
    PrepSettings settings =
        new PrepSettings(
            List.of(input.toString()),
            set.toString(),
            TINY.resolve("tokenizer.json").toString(),
            Objective.LM,
            new Cutting(32, 4, 1, 0),
            TextReading.DEFAULT,
            2_000_000,
            share);
    return new PrepJob(spark, settings).run();
  }

  private static void assertWhole(Adapter adapter) {
    assertThat(adapter.values()).hasSize(adapter.shape().size());
    for (float value : adapter.values()) {
      assertThat(Float.isFinite(value)).isTrue();
    }
  }

  private static OutputFolder folder(Path path) {
    return OutputFolder.of(path.toString(), new Configuration());
  }

  private static void spoil(Path file, List<Damage> damages, boolean header) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    boolean inHeader = header && file.toString().endsWith(".safetensors");
    Files.write(
        file, inHeader ? Damage.applyToHeader(damages, whole) : Damage.apply(damages, whole));
  }

  private static void sum(ObjectNode entry, Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    entry.put("bytes", bytes.length).put("sha256", Sha256.hex(bytes));
  }

  private static Path empty() throws IOException {
    Path folder = hostile.resolve("read");
    delete(folder);
    return folder;
  }

  /** A copy of good files, to be spoiled. */
  private static Path fresh(String name) throws IOException {
    Path from = good.resolve(name);
    Path to = empty();
    try (Stream<Path> tree = Files.walk(from)) {
      for (Path path : tree.toList()) {
        Files.copy(path, to.resolve(from.relativize(path)));
      }
    }
    return to;
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> tree = Files.walk(folder)) {
        for (Path path : tree.sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
