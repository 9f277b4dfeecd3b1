package org.uiospark.data.prep;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.FieldType;
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

/** Folders that HuggingFace datasets saved and Arrow that pyarrow wrote; see saved.py there. */
class SavedFoldersTest extends PrepFixture {
  private static final RecordFields FLAT = RecordFields.ofText("text");
  private static final RecordFields IN_STRUCT = fields("part.text", "part.key");
  private static final RecordFields IN_LIST = fields("parts.0.text", "parts.0.key");

  /** So small that most record batches are slices of their own, or so large that none is. */
  private static final List<Long> SLICES = List.of(500L, 1L << 20);

  @Test
  void tenDocumentsGiveTheSameRowsFromEveryFolderThatDatasetsSaved() throws IOException {
    TreeMap<String, List<Integer>> rows = expected();
    assertSame("saved-large", saved("saved-large"), FLAT, rows);
    assertSame("saved-dict", saved("saved-dict").resolve("train"), FLAT, rows);
    Path nested = saved("saved-nested");
    assertSame("struct", nested, fields("meta.body.text", "meta.body.key"), rows);
    assertSame("list", nested, fields("parts.0.text", "meta.body.key"), rows);
    assertThatThrownBy(() -> prepare("label", nested, fields("label", "meta.body.key"), 500))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("without text in column 'label' (it is int)");
    assertThatThrownBy(() -> prepare("both", folder.resolve("saved-dict"), FLAT, 500))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("holds the splits test, train; name one of them");
  }

  @Test
  void valuesThatStandInDictionariesAreRead() throws IOException {
    TreeMap<String, List<Integer>> rows = expected();
    for (String name : List.of("coded.arrow", "replaced.arrow", "delta.arrow")) {
      Path file = write(name, resource("/formats/" + name));
      assertSame("flat-" + name, file, FLAT, rows);
      assertSame("struct-" + name, file, IN_STRUCT, rows);
      assertSame("list-" + name, file, IN_LIST, rows);
    }
  }

  @Test
  void aNumberThatIsOfNoValueIsDamage() throws IOException {
    DictionaryEncoding coded = new DictionaryEncoding(1, false, new ArrowType.Int(32, true));
    FieldType text = new FieldType(true, new ArrowType.Int(32, true), coded);
    Path file = path("beyond.arrow");
    try (BufferAllocator allocator = new RootAllocator();
        VarCharVector values = new VarCharVector("values", allocator);
        IntVector numbers = new IntVector("text", text, allocator);
        OutputStream out = Files.newOutputStream(file)) {
      values.setSafe(0, "A text of some words.".getBytes(UTF_8));
      values.setValueCount(1);
      numbers.setSafe(0, 0);
      numbers.setSafe(1, 1);
      numbers.setValueCount(2);
      MapDictionaryProvider dictionaries = new MapDictionaryProvider(new Dictionary(values, coded));
      try (VectorSchemaRoot root = new VectorSchemaRoot(List.<FieldVector>of(numbers));
          ArrowStreamWriter writer =
              new ArrowStreamWriter(root, dictionaries, Channels.newChannel(out))) {
        writer.writeBatch();
      }
    }
    assertThatThrownBy(() -> prepare("out", file, FLAT, 500))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("beyond.arrow is a damaged Arrow file")
        .hasMessageContaining("it asks for value 1 of 1");
  }

  @Test
  void whatLiesBesideASavedFolderIsCounted() throws IOException {
    Path saved = saved("saved-large");
    Files.copy(
        saved.resolve("data-00000-of-00002.arrow"), saved.resolve("cache-0123456789abcdef.arrow"));
    Files.writeString(saved.resolve("notes.txt"), "Made on a Sunday.");
    PrepSummary summary = prepare("out", saved, FLAT, 500);
    assertThat(summary.documents()).isEqualTo(10);
    assertThat(summary.text())
        .contains(
            "files read: 2; not read: beside a saved data set 2, description of a data set 2");
  }

  private TreeMap<String, List<Integer>> expected() throws IOException {
    Path lines = write("documents.jsonl", resource("/formats/documents.jsonl"));
    assertThat(prepare("lines", lines, FLAT, 500).documents()).isEqualTo(10);
    return rows("lines");
  }

  private void assertSame(
      String name, Path from, RecordFields fields, TreeMap<String, List<Integer>> rows) {
    for (long slice : SLICES) {
      String output = name + "." + slice;
      assertThat(prepare(output, from, fields, slice).documents()).isEqualTo(10);
      assertThat(rows(output)).as(output).isEqualTo(rows);
    }
  }

  /** Copies a folder that others wrote. */
  private Path saved(String name) throws IOException {
    Path from = Path.of("src/test/resources/formats").resolve(name);
    try (Stream<Path> tree = Files.walk(from)) {
      for (Path each : tree.toList()) {
        Files.copy(each, folder.resolve(name).resolve(from.relativize(each).toString()));
      }
    }
    return folder.resolve(name);
  }

  private static RecordFields fields(String text, String id) {
    return new RecordFields(new FieldPath(text), new FieldPath(id), List.of(), List.of());
  }

  private PrepSummary prepare(String output, Path from, RecordFields fields, long shardBytes) {
    return prepare(
        new PrepSettings(
            List.of(from.toString()),
            out(output),
            tokenizer.toString(),
            Objective.LM,
            new Cutting(16, 4, 1, 0),
            new TextReading(fields, 0.001),
            Repeats.KEPT,
            shardBytes,
            0.01));
  }
}
