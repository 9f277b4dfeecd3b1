package org.uiospark.data.prep;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.summary.PrepSummary;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.text.TextTokenizer;

/** Which documents a later run takes for new. */
class DocumentIdentityTest extends PrepFixture {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void aLineAboveTheOthersMakesNoneOfThemNew() throws Exception {
    List<String> lines = IntStream.range(0, 50).mapToObj(i -> line("Number " + i)).toList();
    write("x.jsonl", lines);
    assertThat(run(10_000).documents()).isEqualTo(50);

    List<String> more = new ArrayList<>(List.of(line("A new one")));
    more.addAll(lines);
    write("x.jsonl", more);
    PrepSummary summary = run(10_000);

    assertThat(summary.documents()).isEqualTo(1);
    assertThat(summary.skipped()).isEqualTo(50);
    assertThat(documents()).hasSize(51).containsEntry("A new one", 1);
  }

  @Test
  void aFileThatWasRenamedOrPackedComesOnce() throws Exception {
    Files.writeString(input.resolve("a.txt"), "A book that is renamed.");
    Files.writeString(input.resolve("b.txt"), "A book that is packed.");
    write("c.jsonl", List.of(line("One"), line("Two"), line("Two")));
    assertThat(run(10_000).documents()).isEqualTo(5);

    Files.move(input.resolve("a.txt"), input.resolve("z.txt"));
    Files.move(input.resolve("c.jsonl"), input.resolve("0.jsonl"));
    try (GZIPOutputStream out =
        new GZIPOutputStream(Files.newOutputStream(input.resolve("b.txt.gz")))) {
      Files.copy(input.resolve("b.txt"), out);
    }
    Files.delete(input.resolve("b.txt"));

    PrepSummary summary = run(10_000);
    assertThat(summary.documents()).isZero();
    assertThat(summary.skipped()).isEqualTo(5);
  }

  @Test
  void ofEqualDocumentsAllStayAndOnlyFurtherOnesAreNew() throws Exception {
    write("m.jsonl", List.of(line("Same"), line("Other"), line("Same"), line("Same")));
    assertThat(run(10_000).documents()).isEqualTo(4);
    assertThat(run(10_000).documents()).isZero();

    // Before those that are known, in a file of its own.
    write("a.jsonl", List.of(line("Same"), line("Same")));
    PrepSummary summary = run(10);

    assertThat(summary.documents()).isEqualTo(2);
    assertThat(documents()).isEqualTo(Map.of("Same", 5, "Other", 1));
    assertThat(run(10_000).documents()).isZero();
  }

  /** The data set holds each text as often as the input that had it most often. */
  @Test
  void theCountIsThatOfTheWholeRunHoweverItIsCut() throws Exception {
    Random random = new Random(12);
    TreeMap<String, Integer> expected = new TreeMap<>();
    for (int round = 0; round < 8; round++) {
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        texts.add("Text " + random.nextInt(12));
      }
      TreeMap<String, Integer> counts = new TreeMap<>();
      texts.forEach(text -> counts.merge(text, 1, Integer::sum));
      int before = expected.values().stream().mapToInt(n -> n).sum();
      counts.forEach((text, count) -> expected.merge(text, count, Math::max));
      for (int file = 0; file < 4; file++) {
        write(
            random.nextInt(100) + "-" + file + ".jsonl",
            texts.subList(10 * file, 10 * file + 10).stream()
                .map(DocumentIdentityTest::line)
                .toList());
      }

      PrepSummary summary = run(20 + random.nextInt(400));

      assertThat(documents()).isEqualTo(expected);
      assertThat(before + summary.documents())
          .isEqualTo(expected.values().stream().mapToInt(n -> n).sum());
      assertThat(summary.documents() + summary.skipped()).isEqualTo(40);
      clear();
    }
  }

  @Test
  void anIdGoesWithItsContent() throws Exception {
    write("x.jsonl", List.of(named("a", "First"), named("b", "Second")));
    assertThat(run(10_000).documents()).isEqualTo(2);

    // Known; the same id with other content; other ids, and none, with known content.
    write(
        "y.jsonl",
        List.of(named("a", "First"), named("b", "Third"), named("c", "Second"), line("Second")));
    Files.delete(input.resolve("x.jsonl"));

    PrepSummary summary = run(10_000);
    assertThat(summary.documents()).isEqualTo(3);
    assertThat(summary.skipped()).isEqualTo(1);
    assertThat(run(10_000).documents()).isZero();
  }

  @Test
  void aDataSetWhoseListsDoNotSayWhatADocumentGoesByGrowsRightly() throws Exception {
    List<String> lines = List.of(line("One"), line("Two"), line("Two"), named("c", "Three"));
    write("x.jsonl", lines);
    run(10_000);
    makeOld();

    List<String> more = new ArrayList<>(List.of(line("Four")));
    more.addAll(lines);
    more.add(line("Two"));
    more.add(named("d", "Three"));
    Files.delete(input.resolve("x.jsonl"));
    write("y.jsonl", more);
    PrepSummary summary = run(10_000);

    assertThat(summary.documents()).isEqualTo(3);
    assertThat(summary.skipped()).isEqualTo(4);
    assertThat(documents()).isEqualTo(Map.of("One", 1, "Two", 3, "Three", 2, "Four", 1));
  }

  /** As the first versions wrote it. */
  private void makeOld() throws IOException {
    rewrite("documents-00000.jsonl.gz", entry -> entry.remove("identity"));
    Path state = folder.resolve("out/state.json");
    ObjectNode json = (ObjectNode) JSON.readTree(state.toFile());
    byte[] ledger = Files.readAllBytes(folder.resolve("out/documents-00000.jsonl.gz"));
    ((ObjectNode) json.get("uio").get("ledgers").get(0)).put("sha256", Sha256.hex(ledger));
    JSON.writeValue(state.toFile(), json);
  }

  private void rewrite(String name, Consumer<ObjectNode> change) throws IOException {
    Path file = folder.resolve("out").resolve(name);
    StringBuilder all = new StringBuilder();
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().toList()) {
        ObjectNode entry = (ObjectNode) JSON.readTree(line);
        change.accept(entry);
        all.append(entry).append('\n');
      }
    }
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(all.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  private void clear() throws IOException {
    try (var files = Files.list(input)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  private static String line(String text) {
    return JSON.createObjectNode().put("text", text).toString();
  }

  private static String named(String id, String text) {
    return JSON.createObjectNode().put("id", id).put("text", text).toString();
  }

  private void write(String name, List<String> lines) throws IOException {
    Files.write(input.resolve(name), lines);
  }

  private PrepSummary run(long shardBytes) {
    return prepare(settings("out", new Cutting(64, 4, 1, 0), shardBytes, input.toString()));
  }

  /** How often the data set has each text; all are shorter than a sequence. */
  private Map<String, Integer> documents() {
    SequenceDataSet set = open("out");
    TreeMap<String, Integer> counts = new TreeMap<>();
    try (TextTokenizer direct = TextTokenizer.load(tokenizer)) {
      for (long i = 0; i < set.size(); i++) {
        int[] ids = set.sequence(i).inputIds();
        String text = direct.decode(Arrays.copyOf(ids, ids.length - 1));
        counts.merge(text, 1, Integer::sum);
      }
    }
    return Collections.unmodifiableMap(counts);
  }
}
