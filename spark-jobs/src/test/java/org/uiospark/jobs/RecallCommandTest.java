package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.jobs.CommandRun.assertRefused;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.segment.TokenSequence;
import org.uiospark.model.text.TextTokenizer;

@Tag("cluster")
class RecallCommandTest extends CommandInput {
  private static final List<String> TASKS =
      List.of("passkey", "needle", "needles", "values", "variables", "facts", "lines");

  private CommandRun recall(Path to, Object... options) {
    List<Object> words = new ArrayList<>(List.of("recall", "--model", model, "--output", to));
    words.addAll(Arrays.asList(options));
    return CommandRun.of(words.toArray());
  }

  private static List<JsonNode> records(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(line -> InputJson.object("line", line.getBytes(StandardCharsets.UTF_8)))
        .toList();
  }

  @Test
  void casesOfAllTasksAreLearnedByTheirAnswersAlone() throws Exception {
    Path cases = folder.resolve("new/cases.jsonl");
    CommandRun run =
        recall(
            cases,
            "--tasks",
            String.join(",", TASKS),
            "--lengths",
            "350,500",
            "--cases",
            120,
            "--books",
            BOOK);

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("120 cases of the split train: ", "cases.jsonl");
    List<JsonNode> records = records(cases);
    assertThat(records).hasSize(120);
    Set<String> tasks = new TreeSet<>();
    Set<Integer> lengths = new TreeSet<>();
    int[] quarters = new int[4];
    for (JsonNode record : records) {
      tasks.add(record.get("task").asText());
      lengths.add(record.get("length").asInt());
      quarters[(int) (4 * record.get("depth").asDouble())]++;
      List<String> answers = new ArrayList<>();
      record.get("answers").forEach(answer -> answers.add(answer.asText()));
      assertThat(record.get("response").asText()).isEqualTo(" " + String.join(", ", answers));
    }
    assertThat(tasks).containsExactlyInAnyOrderElementsOf(TASKS);
    assertThat(lengths).containsExactly(350, 500);
    // Of 120 cases 30 are expected in each, with a standard deviation of 4.7.
    for (int quarter : quarters) {
      assertThat(quarter).isBetween(10, 50);
    }

    assertThat(prep(cases, "--objective", "sft", "--max-segments", 20, "--output", output).err())
        .isEmpty();

    SequenceDataSet set = SequenceDataSet.open(output.toString(), new Configuration());
    assertThat(set.size()).isEqualTo(120);
    Set<String> learned = new TreeSet<>();
    try (TextTokenizer tokenizer = TextTokenizer.load(TINY.resolve("tokenizer.json"))) {
      for (long i = 0; i < set.size(); i++) {
        learned.add(prompt(tokenizer, set.sequence(i)) + "|" + labels(tokenizer, set.sequence(i)));
      }
    }
    Set<String> expected = new TreeSet<>();
    records.forEach(
        record ->
            expected.add(
                record.get("prompt").asText()
                    + "|"
                    + record.get("response").asText()
                    + "<|endoftext|>"));
    assertThat(learned).isEqualTo(expected);
  }

  private static String prompt(TextTokenizer tokenizer, TokenSequence sequence) {
    int end = 0;
    while (sequence.labels()[end] == TokenSequence.IGNORED) {
      end++;
    }
    return tokenizer.decode(Arrays.copyOf(sequence.inputIds(), end));
  }

  private static String labels(TextTokenizer tokenizer, TokenSequence sequence) {
    return tokenizer.decode(
        Arrays.stream(sequence.labels()).filter(id -> id != TokenSequence.IGNORED).toArray());
  }

  @Test
  void theSameSeedGivesTheSameBytesAndAnotherOneOtherCases() throws Exception {
    Path first = folder.resolve("first.jsonl");
    Path second = folder.resolve("second.jsonl");
    Path other = folder.resolve("other.jsonl");
    Object[] options = {"--tasks", "needle,facts", "--lengths", 300, "--cases", 300};
    assertThat(recall(first, options).status()).isZero();
    assertThat(recall(second, options).status()).isZero();
    assertThat(recall(other, concat(options, "--seed", 1)).status()).isZero();

    assertThat(second).hasSameBinaryContentAs(first);
    assertThat(Files.readAllLines(other)).doesNotContainAnyElementsOf(Files.readAllLines(first));
    // A file is replaced, and of a longer one the first cases are these.
    assertThat(recall(first, concat(options, "--seed", 1)).status()).isZero();
    assertThat(first).hasSameBinaryContentAs(other);
  }

  private static Object[] concat(Object[] options, Object... more) {
    List<Object> all = new ArrayList<>(Arrays.asList(options));
    all.addAll(Arrays.asList(more));
    return all.toArray();
  }

  @Test
  void theSplitOfTheTestAndGivenDepthsCanBeWrittenToo() throws Exception {
    Path cases = folder.resolve("test.jsonl");
    assertThat(
            recall(cases, "--split", "test", "--depths", "0,1", "--lengths", 200, "--cases", 20)
                .err())
        .isEmpty();

    for (JsonNode record : records(cases)) {
      assertThat(record.get("depth").asDouble()).isIn(0.0, 1.0);
      assertThat(record.get("prompt").asText()).endsWith("What is the pass key? The pass key is");
    }
  }

  @Test
  void whatCannotBeWrittenOrReadIsRefusedAndLeavesNothing() throws Exception {
    Path cases = Files.writeString(folder.resolve("cases.jsonl"), "before");
    assertRefused(
        recall(cases, "--tasks", "values", "--lengths", "2000,30"),
        "recall.lengths 30 is too short for task values");
    assertRefused(recall(cases, "--books", folder.resolve("nowhere")), "matches no file");
    assertRefused(recall(cases, "--tasks", "passkeys"), "recall.tasks = passkeys", "passkey");
    assertRefused(recall(cases, "--split", "dev"), "recall.split = dev", "one of train, test");
    assertThat(cases).hasContent("before");
    assertRefused(recall(folder.resolve("cases.json")), "cases.json", ".jsonl");
    assertRefused(recall(cases.resolve("below.jsonl")), "cases.jsonl", "is a file");
    Files.delete(model.resolve("tokenizer.json"));
    assertRefused(recall(cases), "tokenizer.json", "does not exist");
    try (var left = Files.list(folder)) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith("_"));
    }
  }

  @Test
  void theSuiteGivesTheSameForAnyNumberOfTasks() throws Exception {
    saveAdapter(TINY, folder.resolve("some"), 4, 0.01f);
    Object[] options = {
      "--suite",
      "recall",
      "--recall-tasks",
      "needles,facts",
      "--recall-lengths",
      "300,700",
      "--recall-depths",
      "0,1",
      "--recall-cases",
      2,
      "--recall-books",
      BOOK
    };
    CommandRun one = evaluate(model, folder.resolve("some"), data(), options);
    byte[] first = Files.readAllBytes(output.resolve("recall.json"));
    System.setProperty("spark.master", "local[2]");
    CommandRun two = evaluate(model, folder.resolve("some"), data(), options);
    System.setProperty("spark.master", "local[1]");

    assertThat(one.err()).isEmpty();
    assertThat(two.out()).isEqualTo(one.out());
    assertThat(output.resolve("recall.json")).hasBinaryContent(first);
    assertThat(one.out())
        .contains("read by", "depth 1.00 [95%]", "all [95%]")
        .contains("memory ", "base in its window", "base, truncated");
    JsonNode result = InputJson.object(output.resolve("recall.json"));
    assertThat(result.get("window_tokens").asInt()).isEqualTo(512);
    assertThat(result.get("rows")).hasSize(8);
    assertThat(result.get("rows"))
        .extracting(
            row ->
                String.format(
                    Locale.ROOT,
                    "%s %d %.0f %d",
                    row.get("task").asText(),
                    row.get("context_tokens").asInt(),
                    row.get("depth").asDouble(),
                    row.get("cases").asInt()))
        .startsWith("needles 300 0 2", "needles 300 1 2", "needles 700 0 2");
    assertThat(output.resolve("report.html"))
        .content()
        .contains(
            "needles, with memory: right answers", "facts, base alone, what its window holds:");
  }
}
