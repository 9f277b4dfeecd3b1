package org.uiospark.data.prep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.source.Slice;
import org.uiospark.data.summary.PrepSummary;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.TokenSequence;
import org.uiospark.model.text.TextTokenizer;

/** What a run of prep gives, takes and refuses. */
class PrepJobTest extends PrepFixture {
  private static final Cutting CUTTING = new Cutting(64, 4, 1, 0);

  private String book;

  @BeforeEach
  void read() throws IOException {
    book = book();
  }

  @Test
  void givesExactlyTheTokensOfTheTextInEveryFormat() throws Exception {
    writeCorpus();
    PrepSummary summary = run("out", input.toString());
    assertThat(summary.documents()).isEqualTo(44);
    SequenceDataSet set = open("out");
    assertThat(set.size()).isEqualTo(summary.sequences());
    assertThat(set.vocabularySize()).isEqualTo(2048);
    TreeMap<String, int[]> documents = documents(set);
    try (TextTokenizer direct = TextTokenizer.load(tokenizer)) {
      assertTokens(documents.get("a.txt"), direct.encode(book.substring(0, 50_000)));
      assertTokens(documents.get("b.txt.gz"), direct.encode(book.substring(50_000, 90_000)));
      assertTokens(documents.get("line-3"), direct.encode(book.substring(3_000, 4_000)));
      assertTokens(documents.get("c.jsonl#40"), direct.encode(book.substring(39_000, 40_000)));
      assertTokens(documents.get("d.jsonl.gz#2"), direct.encode(book.substring(1_000, 2_000)));
    }
    PrepSummary glob = run("glob", input + "/*.txt", input.resolve("c.jsonl").toUri().toString());
    assertThat(glob.documents()).isEqualTo(41);
  }

  @Test
  void theResultDoesNotDependOnParallelism() throws Exception {
    writeCorpus();
    run("many", input.toString());
    spark.stop();
    spark = session(1);
    run("one", input.toString());
    spark.stop();
    spark = session(3);
    List<String> names = names("one");
    assertThat(names).hasSizeGreaterThan(5).isEqualTo(names("many"));
    // The commit alone tells one run from another.
    names.removeIf(name -> name.startsWith("_commit-"));
    for (String name : names) {
      assertThat(folder.resolve("one").resolve(name))
          .hasSameBinaryContentAs(folder.resolve("many").resolve(name));
    }
  }

  @Test
  void aSecondRunAddsOnlyWhatIsNewAndRefusesOtherSettings() throws Exception {
    Files.writeString(input.resolve("a.txt"), book.substring(0, 20_000));
    run("out", input.toString());
    String first = open("out").fingerprint();
    assertThat(run("out", input.toString()).skipped()).isEqualTo(1);
    assertThat(open("out").fingerprint()).isEqualTo(first);
    Files.writeString(input.resolve("b.txt"), book.substring(20_000, 40_000));
    PrepSummary summary = run("out", input.toString());
    assertThat(summary.documents()).isEqualTo(1);
    assertThat(summary.skipped()).isEqualTo(1);
    SequenceDataSet set = open("out");
    assertThat(set.fingerprint()).isNotEqualTo(first);
    assertThat(documents(set)).containsOnlyKeys("a.txt", "b.txt");
    assertThatThrownBy(() -> run("out", new Cutting(32, 4, 1, 0), input.toString()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("segment-length 64, now 32");
  }

  @Test
  void whatAKilledRunLeftStaysAndIsNoPartOfTheResult() throws Exception {
    Files.writeString(input.resolve("a.txt"), book.substring(0, 20_000));
    Path left = Files.createDirectories(folder.resolve("out/_uncommitted-of-a-killed-run"));
    run("out", input.toString());
    assertThat(names("out")).contains("state.json", left.getFileName().toString());
    assertThat(names("out")).filteredOn(name -> name.startsWith("_uncommitted")).hasSize(1);
  }

  @Test
  void ofTwoRunsThatOverlapEachAddsWhatTheOtherLacks() throws Exception {
    Path many = Files.createDirectories(folder.resolve("many"));
    for (int i = 0; i < 10; i++) {
      Files.writeString(many.resolve(i + ".txt"), book.substring(i * 1_000));
    }
    Files.copy(many.resolve("0.txt"), input.resolve("0.txt"));
    Files.writeString(input.resolve("a.txt"), book.substring(0, 20_000));
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      Future<PrepSummary> first = pool.submit(() -> run("out", many.toString()));
      // From here on it has read what the output held: nothing.
      while (!first.isDone() && !Files.exists(folder.resolve("out"))) {
        Thread.sleep(1);
      }
      PrepSummary second = run("out", input.toString());
      assertThat(first.get().documents() + second.documents()).isEqualTo(11);
      assertThat(first.get().skipped() + second.skipped()).isEqualTo(1);
    } finally {
      pool.shutdownNow();
    }
    SequenceDataSet set = open("out");
    assertThat(documents(set)).hasSize(11);
    assertThat(names("out")).noneMatch(name -> name.startsWith("_uncommitted-"));
  }

  @Test
  void aDamagedOrLostListOfDocumentsIsRefused() throws Exception {
    Files.writeString(input.resolve("a.txt"), book.substring(0, 20_000));
    run("out", input.toString());
    Path ledger = folder.resolve("out/documents-00000.jsonl.gz");
    byte[] bytes = Files.readAllBytes(ledger);
    byte[] damaged = bytes.clone();
    damaged[damaged.length / 2] ^= 1;
    Files.write(ledger, damaged);
    assertThatThrownBy(() -> run("out", input.toString()))
        .isInstanceOf(SparkException.class)
        .hasMessageContaining("documents-00000.jsonl.gz is damaged");
    Files.delete(ledger);
    assertThatThrownBy(() -> run("out", input.toString()))
        .isInstanceOf(SparkException.class)
        .hasMessageContaining("documents-00000.jsonl.gz is missing");
    Files.write(ledger, bytes);
    assertThat(run("out", input.toString()).skipped()).isEqualTo(1);
  }

  @Test
  void malformedLinesAreCountedAndTooManyFailWithoutACommit() throws Exception {
    Path lines = input.resolve("x.jsonl");
    String good = "{\"text\":\"" + "word ".repeat(200) + "\"}\n";
    Files.writeString(lines, good.repeat(150) + "{broken\n" + good.repeat(5));
    PrepSummary summary = run("out", lines.toString());
    assertThat(summary.rejected()).containsEntry("malformed line", 1L);
    assertThat(summary.examples().get(0)).contains("x.jsonl:151: no JSON");
    Files.writeString(lines, good.repeat(9) + "[]\n");
    assertThatThrownBy(() -> run("bad", lines.toString()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("1 of 10 records")
        .hasMessageContaining("x.jsonl:10");
    assertThatThrownBy(() -> open("bad"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("not a committed data set");
  }

  @Test
  void emptyMissingAndUnsupportedInputsAreRefused() throws Exception {
    Files.writeString(input.resolve("empty.txt"), "");
    Files.writeString(input.resolve("x.pdf"), "x");
    assertThatThrownBy(() -> run("e", new Cutting(64, 4, 2, 0), input + "/empty.txt"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("empty corpus");
    assertThatThrownBy(() -> run("e", input + "/none.txt"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("matches no file");
    assertThatThrownBy(() -> run("e", input + "/x.pdf"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("no supported kind");
  }

  @Test
  void namesThatAreNoPathAreRefused() throws Exception {
    Files.writeString(input.resolve("book:1.txt"), book.substring(0, 20_000));
    assertThat(run("out", input + "/book:1.txt").documents()).isEqualTo(1);
    assertThatThrownBy(() -> run("e", "book:1.txt"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("'book:1.txt'")
        .hasMessageContaining("from / on");
    assertThatThrownBy(() -> run("e", input + "/[1.txt"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("/[1.txt");
    PrepSettings badOutput = settings("out", CUTTING, 10_000, input.toString()).withOutput("out:1");
    assertThatThrownBy(() -> new PrepJob(spark, badOutput).run())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("'out:1'");
    assertThatThrownBy(() -> SequenceDataSet.open("out:1", new Configuration()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("'out:1'");
  }

  @Test
  void theOutputIsNoInputOfItself() throws Exception {
    Files.writeString(input.resolve("a.txt"), book.substring(0, 20_000));
    run("in/out", input.toString());
    assertThat(run("in/out", input.toString()).skipped()).isEqualTo(1);
  }

  @Test
  @Timeout(30)
  void manyFilesTakeNoTimeOfTheirSquare() {
    List<Slice> slices = new ArrayList<>();
    for (int i = 0; i < 300_000; i++) {
      slices.add(new Slice(String.format(Locale.ROOT, "/%06d.jsonl", i), 0, 10, 0));
    }
    slices.add(new Slice("/z.jsonl", 0, 10, 0));
    slices.add(new Slice("/z.jsonl", 10, 15, 0));
    assertThat(CorpusRun.followed(slices)).containsExactly(slices.get(300_000));
  }

  private void writeCorpus() throws IOException {
    Files.writeString(input.resolve("a.txt"), book.substring(0, 50_000));
    gzip("b.txt.gz", book.substring(50_000, 90_000));
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      lines.append(i == 3 ? "{\"id\":\"line-3\",\"text\":" : "{\"text\":");
      lines.append(json(book.substring(i * 1_000, i * 1_000 + 1_000))).append("}\n");
    }
    Files.writeString(input.resolve("c.jsonl"), lines);
    gzip("d.jsonl.gz", lines.substring(0, lines.indexOf("\n", lines.indexOf("\n") + 1)));
  }

  private static String json(String text) throws IOException {
    return new com.fasterxml.jackson.databind.ObjectMapper().writeValueAsString(text);
  }

  private void gzip(String name, String text) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(input.resolve(name)))) {
      out.write(text.getBytes("UTF-8"));
    }
  }

  private static void assertTokens(int[] actual, int[] text) {
    int[] expected = Arrays.copyOf(text, text.length + 1);
    assertThat(actual).isEqualTo(expected);
  }

  private static TreeMap<String, int[]> documents(SequenceDataSet set) {
    TreeMap<String, int[]> documents = new TreeMap<>();
    for (long i = 0; i < set.size(); i++) {
      TokenSequence sequence = set.sequence(i);
      int[] before = documents.getOrDefault(sequence.docId(), new int[0]);
      assertThat(sequence.offset()).isEqualTo(before.length);
      int[] all = Arrays.copyOf(before, before.length + sequence.inputIds().length);
      System.arraycopy(sequence.inputIds(), 0, all, before.length, sequence.inputIds().length);
      documents.put(sequence.docId(), all);
    }
    return documents;
  }

  private PrepSummary run(String name, String... inputs) {
    return run(name, CUTTING, inputs);
  }

  private PrepSummary run(String name, Cutting cutting, String... inputs) {
    return prepare(settings(name, cutting, 10_000, inputs));
  }

  private List<String> names(String name) throws IOException {
    List<String> names = new ArrayList<>();
    try (var files = Files.list(folder.resolve(name))) {
      files.map(file -> file.getFileName().toString()).sorted().forEach(names::add);
    }
    return names;
  }
}
