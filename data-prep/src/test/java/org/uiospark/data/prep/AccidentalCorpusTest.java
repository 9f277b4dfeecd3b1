package org.uiospark.data.prep;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.model.input.InvalidInputException;

/** Folders as people have them: every file in them is read, or counted with its reason. */
class AccidentalCorpusTest {
  private static final String TEXT = "The whale is a large animal of the sea. ".repeat(20);

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
  void everyFileOfAFolderThatMixesAllIsAccountedFor() throws IOException {
    text("a.txt", "a");
    text("B.TXT", "b");
    text("sub/c.txt", "c");
    corpus.format("LIST.JSON.ZST");
    corpus.format("datasets.parquet");
    corpus.write("utf16-bom.txt", ("\uFEFF" + TEXT + "u").getBytes(UTF_16LE));
    corpus.write("one-lost-byte.txt", ((TEXT + "o").repeat(4) + "\u00e9").getBytes(ISO_8859_1));
    // Spoiled.
    corpus.write("utf16.txt", TEXT.getBytes(UTF_16LE));
    corpus.write("latin1.txt", (TEXT + "\u00e9\u00e8 ").repeat(9).getBytes(ISO_8859_1));
    Path damaged = corpus.write("damaged.jsonl.gz", damagedMember());
    byte[] cut = Corpus.resource("/formats/gzip.parquet");
    corpus.write("cut.parquet", Arrays.copyOf(cut, cut.length / 2));
    // Not read.
    for (String name : List.of(".git/x.txt", ".ipynb_checkpoints/y.txt", "_temporary/0/z.txt")) {
      text(name, name);
    }
    text(".hidden.txt", "hidden");
    text("table.csv", "csv");
    text("table2.CSV", "csv");
    text("table.csv.gz", "csv");
    text("part-00000", "part");
    text("saved/state.json", "{}");
    text("saved/dataset_info.json", "{}");
    text("saved/data-00000-of-00001.arrow", "");
    // Links.
    link("loop", corpus.folder().resolve("in"));
    link("sub/up", corpus.path("."));
    link("again.txt", corpus.path("a.txt"));
    link("nowhere.txt", corpus.path("gone.txt"));
    link("self", corpus.path("self"));
    Path outside = Files.createDirectories(folder.resolve("elsewhere"));
    Files.writeString(outside.resolve("d.txt"), TEXT + "d");
    link("elsewhere", outside);

    PrepSummary summary = corpus.prepare("out", corpus.folder().resolve("in"));

    assertThat(summary.documents()).isEqualTo(4 + 10 + 10 + 2);
    assertThat(summary.sources().read()).isEqualTo(4 + 1 + 1 + 2);
    assertThat(summary.sources().notRead())
        .isEqualTo(
            Map.of(
                "hidden", 4L,
                ".csv", 2L,
                ".csv.gz", 1L,
                "no ending", 1L,
                "data set", 1L,
                "link to what is read", 3L,
                "link that leads nowhere", 2L));
    assertThat(summary.sources().spoiled().keySet())
        .extracting(path -> Path.of(path.replaceFirst("^file:", "")).getFileName().toString())
        .containsExactly("cut.parquet", "damaged.jsonl.gz", "latin1.txt", "utf16.txt");
    assertThat(summary.sources().replaced().values()).containsExactly(1L);
    assertThat(summary.rejected())
        .containsEntry("damaged gzip file", 1L)
        .containsEntry("damaged Parquet file", 1L)
        .containsEntry("not UTF-8", 2L);
    assertThat(summary.text())
        .contains("files read: 8; not read: ", ".csv 2", "hidden 4")
        .contains("damaged.jsonl.gz is a damaged gzip file")
        .contains("latin1.txt is no text in UTF-8")
        .contains("utf16.txt is no text in UTF-8")
        .contains("replaced: 1 bytes of file:" + corpus.path("one-lost-byte.txt"));
    // Nothing of a file that is damaged later on.
    assertThat(corpus.rows("out").keySet()).noneMatch(row -> row.startsWith("damaged"));

    // Mended, it comes with the next run.
    Files.write(damaged, packed("x"));
    PrepSummary mended = corpus.prepare("out", corpus.folder().resolve("in"));
    assertThat(mended.documents()).isEqualTo(1);
    assertThat(mended.skipped()).isEqualTo(summary.documents());
  }

  @Test
  void aSpoiledFileThatWasNamedOrStandsAloneEndsTheRun() throws IOException {
    Path damaged = corpus.write("damaged.jsonl.gz", damagedMember());
    assertThatThrownBy(() -> corpus.prepare("out", damaged.getParent()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("damaged.jsonl.gz")
        .hasMessageContaining("1 of 1");
    text("a.txt", "a");
    assertThatThrownBy(() -> corpus.prepare("out", corpus.path("a.txt"), damaged))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("damaged.jsonl.gz is a damaged gzip file");
    assertThat(folder.resolve("out/state.json")).doesNotExist();
  }

  /** Rows lie in slices of their own; the damage is in the last. */
  @Test
  void ofAFileThatIsSpoiledInOneSliceNothingIsTaken() throws IOException {
    byte[] table = Corpus.resource("/formats/zstd.parquet");
    byte[] damaged = table.clone();
    int magic = lastIndexOf(damaged, new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd});
    Arrays.fill(damaged, magic + 8, magic + 60, (byte) 0x55);
    Path file = corpus.write("rows.parquet", damaged);
    text("a.txt", "a");
    text("z.txt", "z");
    PrepSummary summary = corpus.prepare("out", corpus.folder().resolve("in"));
    assertThat(summary.documents()).isEqualTo(2);
    assertThat(summary.sources().spoiled()).hasSize(1);
    assertThat(corpus.rows("out").keySet()).noneMatch(row -> row.startsWith("d"));
    Files.write(file, table);
    assertThat(corpus.prepare("out", corpus.folder().resolve("in")).documents()).isEqualTo(10);
  }

  @Test
  void aFieldThatNobodyAsksForMayBeNaN() throws IOException {
    String line = "{\"text\": \"%s\", \"score\": %s}\n";
    corpus.write(
        "scores.jsonl",
        (String.format(Locale.ROOT, line, TEXT + 1, "NaN")
                + String.format(Locale.ROOT, line, TEXT + 2, "-Infinity"))
            .getBytes(UTF_8));
    assertThat(corpus.prepare("out", corpus.path("scores.jsonl")).documents()).isEqualTo(2);
  }

  @Test
  void linesThatAreNoTextAreCountedWithTheirReason() throws IOException {
    byte[] latin = ("{\"text\": \"" + "\u00e9t\u00e9 ".repeat(20) + "\"}\n").getBytes(ISO_8859_1);
    corpus.write("latin.jsonl", latin);
    assertThatThrownBy(() -> corpus.prepare("out", corpus.path("latin.jsonl")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("1 of 1 records")
        .hasMessageContaining("not UTF-8: 40 of its 92 bytes are malformed");
    corpus.write("u16.jsonl", "{\"text\": \"a\"}\n".getBytes(UTF_16LE));
    assertThatThrownBy(() -> corpus.prepare("out", corpus.path("u16.jsonl")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("UTF-16 without a byte order mark");
  }

  private void text(String name, String end) throws IOException {
    corpus.write(name, (TEXT + end).getBytes(UTF_8));
  }

  private void link(String name, Path target) throws IOException {
    Files.createSymbolicLink(corpus.path(name), target);
  }

  private static byte[] packed(String end) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(file)) {
      out.write(("{\"text\": \"" + TEXT + end + "\"}\n").getBytes(UTF_8));
    }
    return file.toByteArray();
  }

  /** The second of two members has a damaged header. */
  private static byte[] damagedMember() throws IOException {
    byte[] first = packed("x");
    byte[] second = packed("y");
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    both[first.length + 1] ^= 1;
    return both;
  }

  private static int lastIndexOf(byte[] bytes, byte[] magic) {
    for (int at = bytes.length - magic.length; at >= 0; at--) {
      if (Arrays.equals(bytes, at, at + magic.length, magic, 0, magic.length)) {
        return at;
      }
    }
    throw new IllegalArgumentException("no frame");
  }
}
