package org.uiospark.data.prep;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.FieldPath;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.data.summary.PrepSummary;
import org.uiospark.model.input.InvalidInputException;

/** Corpora as libraries and hubs lay them out: folders of tables, with fields inside others. */
class LayoutsTest extends PrepFixture {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private static final RecordFields TEXT = RecordFields.ofText("text");

  @Test
  void tenDocumentsGiveTheSameRowsInEveryLayout() throws IOException {
    Path lines = write("documents.jsonl", resource("/formats/documents.jsonl"));
    Path table = write("datasets.parquet", resource("/formats/datasets.parquet"));
    assertThat(prepare("lines", lines, TEXT).documents()).isEqualTo(10);
    TreeMap<String, List<Integer>> rows = rows("lines");

    prepare("flat", table, TEXT);
    assertThat(rows("flat")).as("flat Parquet").isEqualTo(rows);

    Path nested = folder.resolve("tables");
    table(table)
        .selectExpr(
            "named_struct('key', id, 'n', score) as meta",
            "array(named_struct('no', 1, 'body', named_struct('text', text))) as parts",
            "named_struct('no', 1, 'body', named_struct('text', text)) as part")
        .coalesce(1)
        .write()
        .parquet(nested.toString());
    prepare("nested", nested, fields("part.body.text", "meta.key"));
    assertThat(rows("nested")).as("a struct of Parquet").isEqualTo(rows);
    prepare("listed", nested, fields("parts.0.body.text", "meta.key"));
    assertThat(rows("listed")).as("a list of Parquet").isEqualTo(rows);

    Path saved = SavedTables.save(folder.resolve("saved"), records(lines));
    prepare("saved.set", saved, TEXT);
    assertThat(rows("saved.set")).as("save_to_disk").isEqualTo(rows);

    Path file = path("file.arrow");
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      SavedTables.arrow(records(lines), root -> new ArrowFileWriter(root, null, out));
    }
    prepare("file.set", file, TEXT);
    assertThat(rows("file.set")).as("an Arrow file").isEqualTo(rows);

    prepare("hub.set", hub(table), TEXT);
    assertThat(rows("hub.set")).as("a hub's layout").isEqualTo(rows);
  }

  /** Each group of rows is a slice of its own, which any task may read. */
  @Test
  void groupsOfRowsAreReadApart() throws IOException {
    Path lines = write("documents.jsonl", resource("/formats/documents.jsonl"));
    Path groups = write("zstd.parquet", resource("/formats/zstd.parquet"));
    prepare("whole", lines, TEXT);
    prepare("groups", groups, TEXT, 500);
    assertThat(open("groups").description().files()).hasSize(4);
    assertThat(rows("groups")).isEqualTo(rows("whole"));
    prepare("batches", SavedTables.save(folder.resolve("saved"), records(lines)), TEXT, 500);
    assertThat(open("batches").description().files()).hasSize(4);
    assertThat(rows("batches")).isEqualTo(rows("whole"));
  }

  @Test
  void whoNamesTrainingAndTestTogetherIsAsked() throws IOException {
    Path table = write("datasets.parquet", resource("/formats/datasets.parquet"));
    Path hub = hub(table);
    Files.copy(table, hub.resolve("data/test-00000-of-00001.parquet"));
    assertThatThrownBy(() -> prepare("out", hub, TEXT))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("holds the splits test, train; name one of them, as '")
        .hasMessageEndingWith("hub/data/train-*'");
    assertThat(prepare("out", hub.resolve("data/train-*"), TEXT).documents()).isEqualTo(10);

    List<JsonNode> records = records(write("d.jsonl", resource("/formats/documents.jsonl")));
    SavedTables.save(folder.resolve("dict/train"), records);
    Path dict = SavedTables.save(folder.resolve("dict/test"), records).getParent();
    Files.writeString(dict.resolve("dataset_dict.json"), "{\"splits\": [\"train\", \"test\"]}");
    assertThatThrownBy(() -> prepare("dict.set", dict, TEXT))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageEndingWith("dict/train'");
    assertThat(prepare("dict.set", dict.resolve("train"), TEXT).documents()).isEqualTo(10);
  }

  @Test
  void aSavedFolderHoldsWhatItsStateNames() throws IOException {
    Path lines = write("documents.jsonl", resource("/formats/documents.jsonl"));
    Path saved = SavedTables.save(folder.resolve("saved"), records(lines));
    Files.copy(
        saved.resolve("data-00000-of-00002.arrow"), saved.resolve("cache-0123456789abcdef.arrow"));
    assertThat(prepare("out", saved, TEXT).ledger().records()).isEqualTo(10);
    Files.delete(saved.resolve("data-00001-of-00002.arrow"));
    assertThatThrownBy(() -> prepare("short", saved, TEXT))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("state.json names data-00001-of-00002.arrow, which is missing");
    byte[] whole = Files.readAllBytes(saved.resolve("data-00000-of-00002.arrow"));
    for (int cut : List.of(whole.length - 8, whole.length / 2, 30, 0)) {
      Path file = write("cut.arrow", Arrays.copyOf(whole, cut));
      assertThatThrownBy(() -> prepare("cut", file, TEXT))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("cut.arrow is a damaged Arrow file")
          .hasMessageContaining("it ends too soon");
    }
  }

  @Test
  void tablesOfOtherColumnsAreNamedInOneLine() throws IOException {
    Path table = write("a.parquet", resource("/formats/datasets.parquet"));
    Dataset<Row> rows = table(table);
    part(rows.selectExpr("id", "text as body"), path("b.parquet"));
    part(rows.selectExpr("id", "text as body"), path("c.parquet"));
    part(rows.selectExpr("id", "length(text) as text"), path("d.parquet"));
    PrepSummary summary = prepare("out", input, TEXT);
    assertThat(summary.documents()).isEqualTo(10);
    assertThat(summary.text().lines().filter(line -> line.contains("column")))
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith("left out: 2 files, the first file:")
                    .contains("b.parquet, each without a column 'text' (it has id, body); name"))
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains("d.parquet is without text in column 'text' (it is int32)"));
    assertThatThrownBy(() -> prepare("ids", table, fields("text", "key")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("without a column 'key'")
        .hasMessageContaining("--id-field");
  }

  /**
   * The question of SQuAD and its like: what is asked lies in several columns, one of them deep.
   */
  @Test
  void promptAndAnswerMayLieInOtherColumns() throws IOException {
    write(
        "squad.jsonl",
        """
        {"key": 7, "context": "It rains.", "q": {"text": "Does it?"}, "answers": {"text": ["Yes."]}}
        {"key": 8, "context": null, "q": {"text": "Does it snow?"}, "answers": {"text": ["No."]}}
        """
            .getBytes(UTF_8));
    write(
        "alpaca.json",
        """
        [{"id": "7", "instruction": "It rains.\\n\\nDoes it?", "input": "", "output": "Yes."},
         {"id": "8", "instruction": "Does it snow?", "input": "", "output": "No."}]
        """
            .getBytes(UTF_8));
    RecordFields columns =
        new RecordFields(
            new FieldPath("text"),
            new FieldPath("key"),
            List.of(new FieldPath("context"), new FieldPath("q.text")),
            List.of(new FieldPath("answers.text.0")));
    part(spark.read().json(path("squad.jsonl").toString()), path("squad.parquet"));
    PrepSummary alpaca = sft("alpaca", path("alpaca.json"), TEXT);
    assertThat(alpaca.documents()).isEqualTo(2);
    assertThat(sft("lines", path("squad.jsonl"), columns).documents()).isEqualTo(2);
    assertThat(rows("lines")).isEqualTo(rows("alpaca"));
    sft("table", path("squad.parquet"), columns);
    assertThat(rows("table")).isEqualTo(rows("alpaca"));
    assertThatThrownBy(() -> sft("none", path("alpaca.json"), columns))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("no object with a string \"answers.text.0\"")
        .hasMessageContaining("[context, q.text]");
  }

  private static RecordFields fields(String text, String id) {
    return new RecordFields(new FieldPath(text), new FieldPath(id), List.of(), List.of());
  }

  private static List<JsonNode> records(Path lines) throws IOException {
    List<JsonNode> records = new ArrayList<>();
    for (String line : Files.readAllLines(lines)) {
      records.add(JSON.readTree(line));
    }
    return records;
  }

  private static Dataset<Row> table(Path file) {
    return spark.read().parquet(file.toString());
  }

  /** Writes a table as one file. */
  private void part(Dataset<Row> rows, Path file) throws IOException {
    Path parts = folder.resolve("parts-of-" + file.getFileName());
    rows.coalesce(1).write().parquet(parts.toString());
    try (Stream<Path> written = Files.list(parts)) {
      Path part = written.filter(each -> each.toString().endsWith(".parquet")).findFirst().get();
      Files.move(part, file);
    }
  }

  /** As a download from a hub: data in numbered files of their split, and what is no data. */
  private Path hub(Path table) throws IOException {
    Path data = Files.createDirectories(folder.resolve("hub/data"));
    part(table(table).where("id < 'd5'"), data.resolve("train-00000-of-00002.parquet"));
    part(table(table).where("id >= 'd5'"), data.resolve("train-00001-of-00002.parquet"));
    Files.writeString(folder.resolve("hub/README.md"), "---\nlicense: mit\n---\n");
    Files.writeString(folder.resolve("hub/dataset_infos.json"), "{\"default\": {}}");
    return folder.resolve("hub");
  }

  private PrepSummary prepare(String output, Path from, RecordFields fields) {
    return prepare(output, from, fields, 5_000);
  }

  private PrepSummary prepare(String output, Path from, RecordFields fields, long shardBytes) {
    return run(output, from, Objective.LM, fields, shardBytes);
  }

  private PrepSummary sft(String output, Path from, RecordFields fields) {
    return run(output, from, Objective.SFT, fields, 5_000);
  }

  private PrepSummary run(
      String output, Path from, Objective objective, RecordFields fields, long shardBytes) {
    PrepSettings settings =
        new PrepSettings(
            List.of(from.toString()),
            out(output),
            tokenizer.toString(),
            objective,
            new Cutting(16, 4, 1, 0),
            new TextReading(fields, 0.001),
            Repeats.KEPT,
            shardBytes,
            0.01);
    return prepare(settings);
  }
}
