package org.uiospark.data.prep;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Duplicates;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.data.summary.PrepSummary;
import org.uiospark.model.input.InvalidInputException;

/** What is left out of texts that were there before. */
class DuplicatesTest extends PrepFixture {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String DUPLICATE = "duplicate of another text";
  private static final String NEAR = "near duplicate of another text";
  private static final Repeats NEARLY = new Repeats(Duplicates.DROP, 0.8);

  /** However the input is cut, the same documents stay: of each text the first one. */
  @Test
  void theFirstOfEqualTextsStaysWithinARunAndAcrossRuns() throws Exception {
    Random random = new Random(18);
    TreeMap<String, List<String>> files = new TreeMap<>();
    for (int file = 0; file < 8; file++) {
      files.put("f" + file + ".jsonl", texts(random, 40));
    }
    Map<String, String> first = firsts(files);
    for (long shardBytes : new long[] {150, 1_000, 1 << 20}) {
      String out = "out" + shardBytes;
      for (Map.Entry<String, List<String>> file : files.entrySet()) {
        write(file.getKey(), file.getValue());
      }
      PrepSummary summary = run(out, Repeats.DROPPED, shardBytes);
      assertThat(documents(out)).containsExactlyInAnyOrderElementsOf(first.values());
      assertThat(summary.documents()).isEqualTo(first.size());
      assertThat(summary.ledger().left()).isEqualTo(Map.of(DUPLICATE, 320L - first.size()));
      assertThat(run(out, Repeats.DROPPED, shardBytes).ledger().known()).isEqualTo(320);

      // Files before and behind the others: known texts are known wherever they stand.
      List<String> more = new ArrayList<>(List.of("A new one", "A new one"));
      more.addAll(files.get("f3.jsonl"));
      write("a.jsonl", more);
      write("z.jsonl", List.of("A new one", "Another"));
      PrepSummary second = run(out, Repeats.DROPPED, shardBytes);
      assertThat(second.documents()).isEqualTo(2);
      assertThat(second.ledger().known()).isEqualTo(360);
      assertThat(second.ledger().left()).isEqualTo(Map.of(DUPLICATE, 2L));
      assertThat(documents(out)).contains("a.jsonl#1", "z.jsonl#2").hasSize(first.size() + 2);
      Files.delete(path("a.jsonl"));
      Files.delete(path("z.jsonl"));
    }
  }

  /** More documents than what is known of a file goes in one piece. */
  @Test
  void theFirstOfEqualTextsStaysInALongFile() throws Exception {
    List<String> texts = IntStream.range(0, 40_000).mapToObj(i -> "Text " + i % 35_000).toList();
    write("x.jsonl", texts);
    PrepSummary summary = run("out", Repeats.DROPPED, 1 << 24);
    assertThat(summary.ledger().left()).isEqualTo(Map.of(DUPLICATE, 5_000L));
    assertThat(new HashSet<>(documents("out")))
        .isEqualTo(
            IntStream.rangeClosed(1, 35_000)
                .mapToObj(i -> "x.jsonl#" + i)
                .collect(Collectors.toSet()));
    assertThat(run("out", Repeats.DROPPED, 1 << 24).ledger().known()).isEqualTo(40_000);
  }

  @Test
  void equalTextsUnderOtherIdsAreOne() throws Exception {
    Files.writeString(
        path("x.jsonl"),
        """
        {"id": "a", "text": "One"}
        {"id": "b", "text": "One"}
        {"id": "a", "text": "Two"}
        {"text": "One"}
        """);
    Files.writeString(path("y.txt"), "Two");
    PrepSummary summary = run("drop", Repeats.DROPPED, 1 << 20);
    assertThat(documents("drop")).containsExactlyInAnyOrder("a", "a");
    assertThat(summary.ledger().left()).isEqualTo(Map.of(DUPLICATE, 3L));
    assertThat(run("keep", Repeats.KEPT, 1 << 20).documents()).isEqualTo(5);
    // A data set that was made of all goes on with each text once.
    Files.writeString(path("z.jsonl"), "{\"text\": \"One\"}\n{\"text\": \"Three\"}\n");
    PrepSummary more = run("keep", Repeats.DROPPED, 1 << 20);
    assertThat(more.documents()).isEqualTo(1);
    assertThat(more.ledger().known()).isEqualTo(6);
  }

  /** A copy in a file that is left out is none. */
  @Test
  void theFirstThatCanBeReadStays() throws Exception {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write("{\"text\": \"One\"}\n{\"text\": \"Two\"}\n".getBytes(UTF_8));
    }
    byte[] damaged = packed.toByteArray();
    damaged[damaged.length - 6] ^= 1;
    write("a.jsonl.gz", damaged);
    write("b.jsonl", List.of("Zero", "One"));
    write("c.jsonl", List.of("One", "Two"));
    PrepSummary summary = run("out", Repeats.DROPPED, 20);
    assertThat(summary.sources().spoiled()).hasSize(1);
    assertThat(documents("out")).containsExactlyInAnyOrder("b.jsonl#1", "b.jsonl#2", "c.jsonl#2");
    assertThat(summary.ledger().records()).isEqualTo(4);
  }

  @Test
  void recordsThatAreNoExamplesAreNoDuplicates() throws Exception {
    Files.writeString(
        path("x.jsonl"),
        "{\"prompt\": \"a\"}\n".repeat(3) + "{\"prompt\": \"a\", \"response\": \"b\"}\n".repeat(3));
    PrepSettings settings = settings("out", Objective.SFT, Repeats.DROPPED, 1 << 20, 0.5);
    PrepSummary summary = prepare(settings);
    assertThat(summary.ledger().left()).isEqualTo(Map.of(DUPLICATE, 2L, "malformed line", 3L));
    assertThat(summary.documents()).isEqualTo(1);
  }

  /** Texts of random words; the similarity of pairs is counted over their sets of runs. */
  @Test
  void plantedNearDuplicatesAreFoundAndFarOnesStay() throws Exception {
    Random random = new Random(81);
    int pairs = 200;
    LinkedHashMap<String, String> corpus = new LinkedHashMap<>();
    Set<String> near = new TreeSet<>();
    Set<String> far = new TreeSet<>();
    for (int i = 0; i < pairs; i++) {
      String text = words(random, 204);
      corpus.put("n" + i, text);
      corpus.put("n" + i + "-copy", changed(text, random, 0.9));
      near.add("n" + i + "-copy");
      String other = words(random, 204);
      corpus.put("f" + i, other);
      corpus.put("f" + i + "-copy", changed(other, random, 0.5));
      far.add("f" + i + "-copy");
      assertThat(jaccard(text, corpus.get("n" + i + "-copy"))).isBetween(0.89, 0.91);
      assertThat(jaccard(other, corpus.get("f" + i + "-copy"))).isBetween(0.49, 0.51);
    }
    List<String> ids = new ArrayList<>(corpus.keySet());
    for (int file = 0; file < 4; file++) {
      StringBuilder lines = new StringBuilder();
      for (int i = file * ids.size() / 4; i < (file + 1) * ids.size() / 4; i++) {
        lines.append(
            JSON.createObjectNode().put("id", ids.get(i)).put("text", corpus.get(ids.get(i))));
        lines.append('\n');
      }
      Files.writeString(path(file + ".jsonl"), lines);
    }
    PrepSummary summary = run("out", NEARLY, 1 << 20);
    Set<String> left = new TreeSet<>(ids);
    left.removeAll(documents("out"));
    assertThat(left.stream().filter(near::contains).count()).isGreaterThanOrEqualTo(190);
    assertThat(left.stream().filter(far::contains).count()).isLessThanOrEqualTo(2);
    assertThat(left).allSatisfy(id -> assertThat(id).endsWith("-copy"));
    assertThat(summary.ledger().left()).isEqualTo(Map.of(NEAR, (long) left.size()));

    PrepSummary fine = run("fine", NEARLY, 20_000);
    assertThat(fine.ledger()).isEqualTo(summary.ledger());
    assertThat(documents("fine")).containsExactlyInAnyOrderElementsOf(documents("out"));

    // Nothing comes in by a second run, even if what it was near to is gone.
    assertThat(run("out", NEARLY, 100_000).documents()).isZero();
    Files.delete(path("0.jsonl"));
    assertThat(run("out", NEARLY, 1 << 20).documents()).isZero();
  }

  /** Capitals and punctuation are no words; without spaces each letter is one. */
  @Test
  void wordsAreWhatTextsAreComparedBy() throws Exception {
    write(
        "x.jsonl",
        List.of(
            "It was the best of times, it was the worst of times.",
            "It was the best of times \u2014 it was THE WORST of times!",
            "\u6211\u5011\u5728\u9019\u88e1\u770b\u66f8\u559d\u8336\u3002",
            "\u6211\u5011\u5728\u9019\u88e1\u770b\u66f8\u559d\u8336",
            "\u4ed6\u5011\u5728\u90a3\u908a\u5beb\u5b57\u5403\u98ef\u3002",
            "...",
            "!!!",
            "Short one",
            "short ONE"));
    PrepSummary summary = run("out", NEARLY, 1 << 20);
    assertThat(summary.ledger().left()).isEqualTo(Map.of(NEAR, 3L));
    assertThat(documents("out"))
        .containsExactlyInAnyOrder(
            "x.jsonl#1", "x.jsonl#3", "x.jsonl#5", "x.jsonl#6", "x.jsonl#7", "x.jsonl#8");
  }

  @Test
  void settingsThatContradictEachOtherAreRefused() {
    assertThatThrownBy(() -> new Repeats(Duplicates.KEEP, 0.8))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("near-duplicates goes with duplicates drop");
    for (double near : new double[] {0.4, 1.1, -1, Double.NaN}) {
      assertThatThrownBy(() -> new Repeats(Duplicates.DROP, near))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("0.5 to 1, or 0");
    }
  }

  private static List<String> texts(Random random, int count) {
    return IntStream.range(0, count).mapToObj(i -> "Text " + random.nextInt(90)).toList();
  }

  /** Of each text where it comes first, in the order of the files' names. */
  private static Map<String, String> firsts(TreeMap<String, List<String>> files) {
    Map<String, String> first = new LinkedHashMap<>();
    files.forEach(
        (file, texts) -> {
          for (int i = 0; i < texts.size(); i++) {
            first.putIfAbsent(texts.get(i), file + "#" + (i + 1));
          }
        });
    return first;
  }

  private static String words(Random random, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> Integer.toString(random.nextInt(1_000_000), 36))
        .collect(Collectors.joining(" "));
  }

  /** The same text with another end, as long as both have so many runs of five words in common. */
  private static String changed(String text, Random random, double similarity) {
    String[] words = text.split(" ");
    int runs = words.length - 4;
    int common = (int) Math.round(2 * runs * similarity / (1 + similarity));
    String[] kept = Arrays.copyOf(words, common + 4);
    return String.join(" ", kept) + " " + words(random, words.length - kept.length);
  }

  private static double jaccard(String one, String other) {
    Set<List<String>> a = runs(one);
    Set<List<String>> b = runs(other);
    Set<List<String>> both = new HashSet<>(a);
    both.retainAll(b);
    return (double) both.size() / (a.size() + b.size() - both.size());
  }

  private static Set<List<String>> runs(String text) {
    List<String> words = List.of(text.split(" "));
    return IntStream.rangeClosed(0, words.size() - 5)
        .mapToObj(i -> words.subList(i, i + 5))
        .collect(Collectors.toSet());
  }

  private void write(String name, List<String> texts) throws IOException {
    Files.write(
        path(name),
        texts.stream().map(text -> JSON.createObjectNode().put("text", text).toString()).toList());
  }

  /** The names of the documents, each as often as there is one. */
  private List<String> documents(String output) {
    var set = open(output);
    List<String> documents = new ArrayList<>();
    for (long i = 0; i < set.size(); i++) {
      if (set.sequence(i).offset() == 0) {
        documents.add(set.sequence(i).docId());
      }
    }
    documents.sort(Comparator.naturalOrder());
    return documents;
  }

  private PrepSettings settings(
      String output, Objective objective, Repeats repeats, long shardBytes, double rejected) {
    return new PrepSettings(
        List.of(input.toString()),
        out(output),
        tokenizer.toString(),
        objective,
        new Cutting(64, 4, 1, 0),
        new TextReading(RecordFields.ofText("text"), 0.001),
        repeats,
        shardBytes,
        rejected);
  }

  private PrepSummary run(String output, Repeats repeats, long shardBytes) {
    return prepare(settings(output, Objective.LM, repeats, shardBytes, 0.01));
  }
}
