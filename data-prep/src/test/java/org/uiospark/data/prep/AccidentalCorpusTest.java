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
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.summary.PrepSummary;
import org.uiospark.model.input.InvalidInputException;

/** Folders as people have them: every file in them is read, or counted with its reason. */
class AccidentalCorpusTest extends PrepFixture {
  private static final String TEXT = "The whale is a large animal of the sea. ".repeat(20);

  @Test
  void everyFileOfAFolderThatMixesAllIsAccountedFor() throws IOException {
    text("a.txt", "a");
    text("B.TXT", "b");
    text("sub/c.txt", "c");
    format("LIST.JSON.ZST");
    format("datasets.parquet");
    write("utf16-bom.txt", ("\uFEFF" + TEXT + "u").getBytes(UTF_16LE));
    write("one-lost-byte.txt", ((TEXT + "o").repeat(4) + "\u00e9").getBytes(ISO_8859_1));
    // Spoiled.
    write("utf16.txt", TEXT.getBytes(UTF_16LE));
    write("latin1.txt", (TEXT + "\u00e9\u00e8 ").repeat(9).getBytes(ISO_8859_1));
    Path damaged = write("damaged.jsonl.gz", damagedMember());
    byte[] cut = resource("/formats/gzip.parquet");
    write("cut.parquet", Arrays.copyOf(cut, cut.length / 2));
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
    link("loop", input);
    link("sub/up", path("."));
    link("again.txt", path("a.txt"));
    link("nowhere.txt", path("gone.txt"));
    link("self", path("self"));
    Path outside = Files.createDirectories(folder.resolve("elsewhere"));
    Files.writeString(outside.resolve("d.txt"), TEXT + "d");
    link("elsewhere", outside);

    PrepSummary summary = prepare("out", input);

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
        .contains("replaced: 1 bytes of file:" + path("one-lost-byte.txt"));
    // Nothing of a file that is damaged later on.
    assertThat(rows("out").keySet()).noneMatch(row -> row.startsWith("damaged"));

    // Mended, it comes with the next run.
    Files.write(damaged, packed("x"));
    PrepSummary mended = prepare("out", input);
    assertThat(mended.documents()).isEqualTo(1);
    assertThat(mended.skipped()).isEqualTo(summary.documents());
  }

  @Test
  void aSpoiledFileThatWasNamedOrStandsAloneEndsTheRun() throws IOException {
    Path damaged = write("damaged.jsonl.gz", damagedMember());
    assertThatThrownBy(() -> prepare("out", damaged.getParent()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("damaged.jsonl.gz")
        .hasMessageContaining("1 of 1");
    text("a.txt", "a");
    assertThatThrownBy(() -> prepare("out", path("a.txt"), damaged))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("damaged.jsonl.gz is a damaged gzip file");
    assertThat(folder.resolve("out/state.json")).doesNotExist();
  }

  /** Rows lie in slices of their own; the damage is in the last. */
  @Test
  void ofAFileThatIsSpoiledInOneSliceNothingIsTaken() throws IOException {
    byte[] table = resource("/formats/zstd.parquet");
    byte[] damaged = table.clone();
    int magic = lastIndexOf(damaged, new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd});
    Arrays.fill(damaged, magic + 8, magic + 60, (byte) 0x55);
    Path file = write("rows.parquet", damaged);
    text("a.txt", "a");
    text("z.txt", "z");
    PrepSummary summary = prepare("out", input);
    assertThat(summary.documents()).isEqualTo(2);
    assertThat(summary.sources().spoiled()).hasSize(1);
    assertThat(rows("out").keySet()).noneMatch(row -> row.startsWith("d"));
    Files.write(file, table);
    assertThat(prepare("out", input).documents()).isEqualTo(10);
  }

  @Test
  void aFieldThatNobodyAsksForMayBeNaN() throws IOException {
    String line = "{\"text\": \"%s\", \"score\": %s}\n";
    write(
        "scores.jsonl",
        (String.format(Locale.ROOT, line, TEXT + 1, "NaN")
                + String.format(Locale.ROOT, line, TEXT + 2, "-Infinity"))
            .getBytes(UTF_8));
    assertThat(prepare("out", path("scores.jsonl")).documents()).isEqualTo(2);
  }

  @Test
  void linesThatAreNoTextAreCountedWithTheirReason() throws IOException {
    byte[] latin = ("{\"text\": \"" + "\u00e9t\u00e9 ".repeat(20) + "\"}\n").getBytes(ISO_8859_1);
    write("latin.jsonl", latin);
    assertThatThrownBy(() -> prepare("out", path("latin.jsonl")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("1 of 1 records")
        .hasMessageContaining("not UTF-8: 40 of its 92 bytes are malformed");
    write("u16.jsonl", "{\"text\": \"a\"}\n".getBytes(UTF_16LE));
    assertThatThrownBy(() -> prepare("out", path("u16.jsonl")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("UTF-16 without a byte order mark");
  }

  private PrepSummary prepare(String output, Path... inputs) {
    String[] names = Stream.of(inputs).map(Path::toString).toArray(String[]::new);
    return prepare(settings(output, new Cutting(16, 4, 1, 0), 5_000, names));
  }

  /** Copies one of the files that others wrote. */
  private void format(String name) throws IOException {
    write(name, resource("/formats/" + name));
  }

  private void text(String name, String end) throws IOException {
    write(name, (TEXT + end).getBytes(UTF_8));
  }

  private void link(String name, Path target) throws IOException {
    Files.createSymbolicLink(path(name), target);
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
