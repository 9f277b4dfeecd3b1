package org.uiospark.data.prep;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.data.summary.PrepSummary;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.text.TextTokenizer;

/** Files that HuggingFace datasets, pyarrow and the standard tools wrote; see make.py there. */
class FormatsTest extends PrepFixture {
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
          "plain.parquet",
          "lz4.arrow",
          "zstd.arrow");

  private static final byte[] LZ4_FRAME = {0x04, 0x22, 0x4d, 0x18};
  private static final byte[] ZSTD_FRAME = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};

  private static final List<String> TEXTS =
      List.of(
          "document.txt.gz",
          "document.txt.bz2",
          "document.txt.zst",
          "bom.txt",
          "utf-16.txt",
          "utf-16-be.txt",
          "utf-32.txt");

  @Test
  void tenDocumentsGiveTheSameRowsInEveryFormat() throws IOException {
    PrepSummary lines = prepare("lines", format("documents.jsonl"));
    assertThat(lines.documents()).isEqualTo(10);
    TreeMap<String, List<Integer>> rows = rows("lines");
    try (TextTokenizer direct = TextTokenizer.load(tokenizer)) {
      int[] ids = direct.encode(new String(resource("/formats/document.txt"), UTF_8));
      assertThat(rows.get("d0@0")).isEqualTo(Arrays.stream(ids).limit(64).boxed().toList());
    }
    for (String name : RECORDS) {
      prepare(name + ".set", format(name));
      assertThat(rows(name + ".set")).as(name).isEqualTo(rows);
    }
    List<List<Integer>> document =
        rows.entrySet().stream()
            .filter(row -> row.getKey().startsWith("d0@"))
            .map(row -> row.getValue())
            .toList();
    for (String name : TEXTS) {
      PrepSummary summary = prepare(name + ".set", format(name));
      assertThat(summary.sources().replaced()).isEmpty();
      assertThat(rows(name + ".set").values()).as(name).containsExactlyElementsOf(document);
    }
  }

  /** The length is that of the first packed buffer of the first batch, as pyarrow lays it out. */
  @Test
  void aPackedBufferThatSaysToBeLongerThanItCanBeIsDamage() throws IOException {
    for (String name : List.of("lz4.arrow", "zstd.arrow")) {
      byte[] bytes = resource("/formats/" + name);
      byte[] magic = name.startsWith("lz4") ? LZ4_FRAME : ZSTD_FRAME;
      int frame = new String(bytes, ISO_8859_1).indexOf(new String(magic, ISO_8859_1));
      // Eight bytes of length stand before the frame.
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(frame - 8, 1L << 40);
      Path file = write("lying-" + name, bytes);
      assertThatThrownBy(() -> prepare("out", file))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("lying-" + name)
          .hasMessageContaining("1099511627776 packed in it");
    }
  }

  @Test
  void theTextMayLieInAnotherField() throws IOException {
    String lines = new String(resource("/formats/documents.jsonl"), UTF_8);
    Path renamed = write("c.jsonl", lines.replace("\"text\":", "\"content\":").getBytes(UTF_8));
    Path table = format("datasets.parquet");
    assertThatThrownBy(() -> prepare("out", renamed))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("no object with a string \"text\" but \"content\"")
        .hasMessageContaining("--text-field");
    assertThat(prepare("out", renamed, Objective.LM, "content").documents()).isEqualTo(10);
    assertThatThrownBy(() -> prepare("o", table, Objective.LM, "body"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("datasets.parquet")
        .hasMessageContaining("'body'")
        .hasMessageContaining("id, text, score");
  }

  @Test
  void rowsOfParquetAreExamplesToo() throws IOException {
    format("messages.parquet");
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"chat_template\": \"{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}\"}");
    PrepSummary summary = prepare("out", path("messages.parquet"), Objective.SFT, "text");
    assertThat(summary.documents()).isEqualTo(3);
  }

  /** Copies one of the files that others wrote. */
  private Path format(String name) throws IOException {
    return write(name, resource("/formats/" + name));
  }

  private PrepSummary prepare(String output, Path file) {
    return prepare(output, file, Objective.LM, "text");
  }

  private PrepSummary prepare(String output, Path file, Objective objective, String field) {
    PrepSettings settings =
        new PrepSettings(
            List.of(file.toString()),
            out(output),
            tokenizer.toString(),
            objective,
            new Cutting(16, 4, 1, 0),
            new TextReading(RecordFields.ofText(field), 0.001),
            Repeats.KEPT,
            5_000,
            0.01);
    return prepare(settings);
  }
}
