package org.uiospark.data.prep;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.text.TextTokenizer;

/** Files that HuggingFace datasets, pyarrow and the standard tools wrote; see make.py there. */
class FormatsTest {
  private static final List<String> RECORDS =
      List.of(
          "documents.jsonl.gz",
          "documents.jsonl.zst",
          "DOCUMENTS.Jsonl.Bz2",
          "bom.jsonl",
          "utf16.jsonl",
          "lines.json",
          "list.json",
          "bom.json",
          "values.json",
          "list.json.gz",
          "list.json.bz2",
          "LIST.JSON.ZST",
          "datasets.json.gz",
          "datasets.parquet",
          "zstd.parquet",
          "lz4.PARQUET",
          "gzip.parquet",
          "plain.parquet");

  private static final List<String> TEXTS =
      List.of(
          "document.txt.gz",
          "document.txt.bz2",
          "document.txt.zst",
          "bom.txt",
          "utf-16.txt",
          "utf-16-be.txt",
          "utf-32.txt");

  @TempDir Path folder;
  private Corpus corpus;

  @BeforeEach
  void start() throws IOException {
    corpus = Corpus.in(folder);
  }

  @AfterEach
  void stop() {
    corpus.spark().stop();
  }

  @Test
  void tenDocumentsGiveTheSameRowsInEveryFormat() throws IOException {
    PrepSummary lines = corpus.prepare("lines", corpus.format("documents.jsonl"));
    assertThat(lines.documents()).isEqualTo(10);
    TreeMap<String, List<Integer>> rows = corpus.rows("lines");
    try (TextTokenizer tokenizer = TextTokenizer.load(folder.resolve("tokenizer.json"))) {
      int[] ids = tokenizer.encode(new String(Corpus.resource("/formats/document.txt"), UTF_8));
      assertThat(rows.get("d0@0")).isEqualTo(Arrays.stream(ids).limit(64).boxed().toList());
    }
    for (String name : RECORDS) {
      corpus.prepare(name + ".set", corpus.format(name));
      assertThat(corpus.rows(name + ".set")).as(name).isEqualTo(rows);
    }
    List<List<Integer>> document =
        rows.entrySet().stream()
            .filter(row -> row.getKey().startsWith("d0@"))
            .map(row -> row.getValue())
            .toList();
    for (String name : TEXTS) {
      PrepSummary summary = corpus.prepare(name + ".set", corpus.format(name));
      assertThat(summary.sources().replaced()).isEmpty();
      assertThat(corpus.rows(name + ".set").values()).as(name).containsExactlyElementsOf(document);
    }
  }

  @Test
  void theTextMayLieInAnotherField() throws IOException {
    String lines = new String(Corpus.resource("/formats/documents.jsonl"), UTF_8);
    Path renamed =
        corpus.write("c.jsonl", lines.replace("\"text\":", "\"content\":").getBytes(UTF_8));
    Path table = corpus.format("datasets.parquet");
    assertThatThrownBy(() -> corpus.prepare("out", renamed))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("no object with a string \"text\" but \"content\"")
        .hasMessageContaining("--text-field");
    List<String> input = List.of(renamed.toString());
    PrepSettings settings = corpus.settings("out", input, Objective.LM, "content");
    assertThat(new PrepJob(corpus.spark(), settings).run().documents()).isEqualTo(10);
    List<String> other = List.of(table.toString());
    assertThatThrownBy(
            () ->
                new PrepJob(corpus.spark(), corpus.settings("o", other, Objective.LM, "body"))
                    .run())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("datasets.parquet")
        .hasMessageContaining("'body'")
        .hasMessageContaining("id, text, score");
  }

  @Test
  void rowsOfParquetAreExamplesToo() throws IOException {
    corpus.format("messages.parquet");
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"chat_template\": \"{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}\"}");
    List<String> input = List.of(corpus.path("messages.parquet").toString());
    PrepSummary summary =
        new PrepJob(corpus.spark(), corpus.settings("out", input, Objective.SFT, "text")).run();
    assertThat(summary.documents()).isEqualTo(3);
  }
}
