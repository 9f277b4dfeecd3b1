package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.jobs.CommandRun.assertRefused;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.model.segment.SegmentSettings;

/** Questions to two books. */
@Tag("cluster")
class AnswerCommandTest extends CommandInput {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Path memories;
  private Path questions;

  @BeforeEach
  void memorize() throws IOException {
    Path run = folder.resolve("run");
    SavedRun.write(run, TINY, SavedRun.adapter(TINY, 4, 32), new SegmentSettings(32, 4));
    adapter = folder.resolve("exported");
    assertThat(CommandRun.of("export", "--checkpoint", run, "--output", adapter).err()).isEmpty();
    Path books = Files.createDirectory(folder.resolve("books"));
    Files.writeString(books.resolve("a.txt"), Files.readString(BOOK).substring(2_000, 6_000));
    Files.writeString(books.resolve("b.txt"), Files.readString(BOOK).substring(9_000, 11_000));
    memories = folder.resolve("memories");
    CommandRun made =
        CommandRun.of(
            "memorize",
            "--model",
            model,
            "--adapter",
            adapter,
            "--input",
            books,
            "--output",
            memories);
    assertThat(made.err()).isEmpty();
    questions = folder.resolve("questions.jsonl");
  }

  /** Twenty questions to one book, each tenth to the other. */
  private List<Map<String, Object>> ask() throws IOException {
    List<Map<String, Object>> all = new ArrayList<>();
    for (int i = 0; i < 22; i++) {
      all.add(
          Map.of(
              "id",
              i,
              "memory",
              i % 10 == 9 ? "b.txt" : "a.txt",
              "prompt",
              " and number " + i + " said that"));
    }
    write(all);
    return all;
  }

  private void write(List<Map<String, Object>> all) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (Map<String, Object> question : all) {
      lines.append(JSON.writeValueAsString(question)).append('\n');
    }
    Files.writeString(questions, lines);
  }

  private CommandRun answer(String output, Object... options) {
    List<Object> words =
        new ArrayList<>(
            List.of(
                "answer",
                "--model",
                model,
                "--adapter",
                adapter,
                "--memories",
                memories,
                "--questions",
                questions,
                "--output",
                folder.resolve(output),
                "--max-new-tokens",
                40));
    words.addAll(Arrays.asList(options));
    return CommandRun.of(words.toArray());
  }

  private List<JsonNode> answers(String output) throws IOException {
    List<JsonNode> answers = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(output).resolve("answers.jsonl"))) {
      answers.add(JSON.readTree(line));
    }
    return answers;
  }

  /** Longer than a segment, so that each question is read into memories that the next forgets. */
  @Test
  void theAnswersAreThoseOfGenerateForAnyNumberOfTasks() throws Exception {
    List<Map<String, Object>> asked = ask();
    System.setProperty("spark.master", "local[2]");
    CommandRun run = answer("two");
    System.setProperty("spark.master", "local[1]");
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("22 answers, 22 of them new");
    assertThat(answer("one").err()).isEmpty();
    for (int batch : new int[] {1, 7}) {
      assertThat(answer("batch-" + batch, "--batch", batch).err()).isEmpty();
      assertThat(folder.resolve("batch-" + batch + "/answers.jsonl"))
          .hasSameBinaryContentAs(folder.resolve("two/answers.jsonl"));
    }

    assertThat(folder.resolve("one/answers.jsonl"))
        .hasSameBinaryContentAs(folder.resolve("two/answers.jsonl"));
    List<JsonNode> answers = answers("two");
    assertThat(answers).hasSize(22);
    for (JsonNode answer : answers) {
      int id = answer.get("id").asInt();
      assertThat(answer.get("line").asInt()).isEqualTo(id + 1);
      assertThat(answer.get("memory").asText()).isEqualTo(asked.get(id).get("memory"));
      if (id % 7 == 0 || id == 9) {
        Files.writeString(
            prompt,
            Files.readString(folder.resolve("books").resolve(answer.get("memory").asText()))
                + asked.get(id).get("prompt"));
        CommandRun alone =
            CommandRun.of(
                "generate",
                "--model",
                model,
                "--adapter",
                adapter,
                "--prompt-file",
                prompt,
                "--max-new-tokens",
                40);
        assertThat(answer.get("answer").asText() + "\n").isEqualToNormalizingNewlines(alone.out());
      }
    }
    try (var left = Files.list(folder.resolve("two"))) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("answers.jsonl", "_run.json");
    }
  }

  @Test
  void whatIsAnsweredIsNotAskedAgain() throws Exception {
    ask();
    assertThat(answer("out").err()).isEmpty();
    byte[] whole = Files.readAllBytes(folder.resolve("out/answers.jsonl"));
    // As a run leaves it that was killed behind its first lane.
    List<String> lines = Files.readAllLines(folder.resolve("out/answers.jsonl"));
    Files.write(folder.resolve("out/_part-00000.jsonl"), lines.subList(0, 20));
    Files.delete(folder.resolve("out/answers.jsonl"));

    assertThat(answer("out").out()).contains("22 answers, 2 of them new");
    assertThat(folder.resolve("out/answers.jsonl")).hasBinaryContent(whole);
    assertThat(answer("out").out()).contains("22 answers, 0 of them new");
    assertRefused(answer("out", "--seed", 3), "with other settings");
    assertRefused(answer("out", "--batch", 3), "with other settings");
    assertThat(folder.resolve("out/answers.jsonl")).hasBinaryContent(whole);
  }

  @Test
  void questionsThatCannotBeAskedAreRefusedInOneLine() throws Exception {
    write(List.of(Map.of("memory", "c.txt", "prompt", "Who?")));
    assertRefused(answer("out"), "questions.jsonl:1 asks of c.txt", "has not memorized");
    write(List.of(Map.of("memory", "a.txt", "question", "Who?")));
    assertRefused(answer("out"), "questions.jsonl:1", "'prompt' must be a text");
    Files.writeString(questions, "{");
    assertRefused(answer("out"), "questions.jsonl:1");
    Files.writeString(questions, "\n");
    assertRefused(answer("out"), "holds no line");
    Files.delete(questions);
    assertRefused(answer("out"), "questions.jsonl", "cannot be read");
    assertThat(folder.resolve("out")).doesNotExist();
  }
}
