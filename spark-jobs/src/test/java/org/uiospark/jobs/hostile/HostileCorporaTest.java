package org.uiospark.jobs.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.spark.sql.SparkSession;
import org.uiospark.data.source.SourceContent;
import org.uiospark.data.summary.PrepSummary;
import org.uiospark.jobs.LocalSpark;
import org.uiospark.model.input.InvalidInputException;

/**
 * Damaged and lying files of text, archives and tables: each loads whole, or ends in one clear
 * line; no other exception, no hang, no memory beyond what the file accounts for.
 */
@Tag("cluster")
class HostileCorporaTest {
  private static final Path BOOK =
      Path.of("src/main/resources/org/uiospark/jobs/quickstart/books/emma.txt");
  private static final Path FORMATS = Path.of("../data-prep/src/test/resources/formats");

  /**
   * What Spark allocates on the thread of its driver for a run, and for its classes at the first.
   */
  private static final long SPARK_BYTES = 96 << 20;

  /** Its library makes room for what a page says that it holds. */
  private static final long PARQUET_BYTES = 256 << 20;

  private static final String ARROW = "table.arrow";

  private static HostileFolder files;
  private static SparkSession spark;

  @BeforeContainer
  static void goodFiles() throws IOException {
    files = HostileFolder.create();
    spark = LocalSpark.start(1);
    Files.writeString(
        files.good().resolve("book.txt"), Files.readString(BOOK).substring(2000, 6000));
    arrow(files.good().resolve(ARROW));
  }

  /** Ten texts in batches of three, as {@code datasets} saves them. */
  private static void arrow(Path file) throws IOException {
    Schema schema = new Schema(List.of(Field.nullable("text", new ArrowType.Utf8())));
    try (OutputStream out = Files.newOutputStream(file);
        BufferAllocator allocator = new RootAllocator();
        VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
        ArrowStreamWriter writer = new ArrowStreamWriter(root, null, Channels.newChannel(out))) {
      writer.start();
      for (int from = 0; from < 10; from += 3) {
        root.allocateNew();
        int rows = Math.min(3, 10 - from);
        for (int i = 0; i < rows; i++) {
          byte[] text = ("text " + (from + i) + " \u00e9").repeat(30).getBytes(UTF_8);
          ((VarCharVector) root.getVector("text")).setSafe(i, text);
        }
        root.setRowCount(rows);
        writer.writeBatch();
      }
      writer.end();
    }
  }

  @AfterContainer
  static void clean() throws IOException {
    spark.stop();
    files.close();
  }

  @Provide
  Arbitrary<List<List<Damage>>> damagedLines() {
    return Damage.several().list().ofSize(20);
  }

  /** The real path: 20 spoiled lines and a good one become a data set, or one line. */
  @Property(tries = 40)
  void lines(@ForAll("damagedLines") List<List<Damage>> spoiled) throws Exception {
    Path folder = files.empty();
    Path file = folder.resolve("corpus.jsonl");
    String line = "{\"id\": \"one\", \"text\": \"" + "word \\u00e9 ".repeat(60) + "\"}\n";
    byte[] good = line.getBytes(UTF_8);
    try (OutputStream out = Files.newOutputStream(file)) {
      for (List<Damage> damages : spoiled) {
        out.write(Damage.apply(damages, good));
        out.write('\n');
      }
      out.write(good);
    }
    Path set = folder.resolve("set");
    PrepSummary made =
        Guarded.read(folder, SPARK_BYTES, () -> PreparedText.prepare(spark, file, set));
    if (made == null) {
      assertThat(set.resolve("state.json")).doesNotExist();
    } else {
      assertThat(PreparedText.tokens(set)).isNotEmpty();
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
        "datasets.parquet", "zstd.parquet", "gzip.parquet", "lz4.PARQUET", "plain.parquet", ARROW);
  }

  @Provide
  Arbitrary<String> jsonFiles() {
    return Arbitraries.of("list.json", "lines.json", "values.json", "utf16.jsonl");
  }

  @Provide
  Arbitrary<String> spoilable() {
    return Arbitraries.oneOf(archives(), tables(), jsonFiles());
  }

  /** Their sums say that what is read is what was packed: all of it, or nothing. */
  @Property
  void archives(
      @ForAll("archives") String name,
      @ForAll(supplier = Damage.Several.class) List<Damage> damages)
      throws Exception {
    SourceContent read = readSpoiled(name, damages);
    if (read != null) {
      assertThat(read.malformed()).isZero();
      assertThat(read).isEqualTo(SourceContent.read(FORMATS.resolve(name)));
    }
  }

  /**
   * Most tables have no sums over their text, but their rows are all there or none. An Arrow stream
   * says in one place alone how many there are, so a damaged number of rows may pass for another.
   */
  @Property
  void tables(
      @ForAll("tables") String name, @ForAll(supplier = Damage.Several.class) List<Damage> damages)
      throws Exception {
    SourceContent read = readSpoiled(name, damages);
    if (read != null && !name.equals(ARROW)) {
      assertThat(read.texts().size() + read.malformed()).isEqualTo(10);
    }
  }

  /** Lengths that lie: found by the properties above, where they are met once in thousands. */
  @Example
  void tablesWhoseTextsAreLongerThanTheFileAreRefused() throws Exception {
    Damage longText = new Damage(Damage.Kind.NUMBER_64, 0.088051, 209);
    assertThat(readSpoiled(ARROW, List.of(longText))).isNull();
    Damage manyNulls = new Damage(Damage.Kind.FLIP, 0.083056, 128);
    assertThat(readSpoiled(ARROW, List.of(manyNulls))).isNull();
    Damage longPage = new Damage(Damage.Kind.FLIP, 0.00543, 53);
    readSpoiled("datasets.parquet", List.of(longPage));
  }

  @Property
  void jsonFiles(
      @ForAll("jsonFiles") String name,
      @ForAll(supplier = Damage.Several.class) List<Damage> damages)
      throws Exception {
    readSpoiled(name, damages);
  }

  private static SourceContent readSpoiled(String name, List<Damage> damages) throws Exception {
    Path folder = files.empty();
    Path file = Files.copy(good(name), folder.resolve(name));
    HostileFolder.spoil(file, damages);
    return Guarded.read(folder, PARQUET_BYTES, () -> SourceContent.read(file));
  }

  private static Path good(String name) {
    return (name.equals(ARROW) ? files.good() : FORMATS).resolve(name);
  }

  /** The real path: a spoiled file beside a good one is read, or left out and named. */
  @Property(tries = 20)
  void corpora(
      @ForAll("spoilable") String name,
      @ForAll(supplier = Damage.Several.class) List<Damage> damages)
      throws Exception {
    Path folder = files.empty();
    Files.copy(files.good().resolve("book.txt"), folder.resolve("book.txt"));
    Path file = Files.copy(good(name), folder.resolve(name));
    HostileFolder.spoil(file, damages);
    Path set = folder.resolve("set");
    PrepSummary summary =
        Guarded.read(folder, PARQUET_BYTES, () -> PreparedText.prepare(spark, folder, set));
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
}
