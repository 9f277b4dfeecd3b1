package org.uiospark.jobs.recall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.TextReading;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.text.TextTokenizer;

class RecallCasesTest {
  private static final Path QUICKSTART = Path.of("src/main/resources/org/uiospark/jobs/quickstart");
  private static final TextReading READING = new TextReading(RecordFields.ofText("text"), 0.001);

  @TempDir static Path folder;
  private static TextTokenizer tokenizer;
  private static RecallBooks books;
  private static final RecallBooks FILLER = new RecallBooks(List.of(), READING);

  @BeforeAll
  static void open() throws IOException {
    tokenizer = TextTokenizer.load(QUICKSTART.resolve("model/tokenizer.json"));
    String emma = Files.readString(QUICKSTART.resolve("books/emma.txt"));
    Path book = Files.writeString(folder.resolve("emma.txt"), emma.substring(2000, 80_000));
    books = new RecallBooks(List.of(book.toString()), READING);
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  private static RecallCases cases(Split split, RecallBooks haystack, long seed) {
    return new RecallCases(tokenizer, haystack, new Configuration(), split, seed, "recall.lengths");
  }

  static Stream<Arguments> tasksInBothSplitsAndHaystacks() {
    return Stream.of(RecallTask.values())
        .flatMap(
            task ->
                Stream.of(Split.values())
                    .flatMap(
                        split ->
                            Stream.of(
                                Arguments.of(task, split, false),
                                Arguments.of(task, split, true))));
  }

  @ParameterizedTest
  @MethodSource("tasksInBothSplitsAndHaystacks")
  void aReaderOfTheTextFindsTheAnswerAtItsDepth(RecallTask task, Split split, boolean inBooks) {
    int longest = longestSentence(inBooks);
    for (long seed = 1; seed <= 4; seed++) {
      RecallCases cases = cases(split, inBooks ? books : FILLER, seed);
      for (int length : new int[] {450, 800, 2500}) {
        for (double depth : new double[] {0, 0.37, 0.5, 1}) {
          RecallCase made = cases.of(task, length, depth, (long) (100 * depth));

          assertThat(made.prompt())
              .containsExactly(tokenizer.encode(made.text() + made.question()));
          assertThat(made.prompt().length + made.answerTokens())
              .isBetween(length - longest, length);
          RecallSolver.Solution solved =
              RecallSolver.solve(split.toString(), task.toString(), made.text(), made.question());
          assertThat(solved.answers()).isEqualTo(made.answer().parts());
          assertThat(made.answer().isIn(String.join(" and ", solved.answers()) + ".")).isTrue();
          assertDepth(made, solved, longest);
        }
      }
    }
  }

  private static void assertDepth(
      RecallCase made, RecallSolver.Solution solved, int longestSentence) {
    List<String> lines = made.text().lines().toList();
    int asked = solved.lines().get(0);
    StringBuilder before = new StringBuilder();
    StringBuilder all = new StringBuilder();
    for (int i = 1; i < lines.size(); i++) {
      if (!solved.hidden().contains(i)) {
        all.append(' ').append(lines.get(i));
        before.append(i < asked ? " " + lines.get(i) : "");
      }
    }
    double tokens = tokenizer.encode(all.toString()).length;
    double share = tokenizer.encode(before.toString()).length / tokens;
    double half = (longestSentence / 2.0 + 2) / tokens;
    assertThat(share).isBetween(made.depth() - half, made.depth() + half);
    if (made.depth() == 0 || made.depth() == 1) {
      assertThat(share).isEqualTo(made.depth());
    }
  }

  private static int longestSentence(boolean inBooks) {
    int longest = 0;
    for (Split split : Split.values()) {
      for (Haystack haystack :
          (inBooks ? books : FILLER).haystacks(split, tokenizer, new Configuration())) {
        for (int i = 0; i < haystack.size(); i++) {
          longest = Math.max(longest, haystack.tokens(i));
        }
      }
    }
    return longest;
  }

  @Test
  void booksAreReadInWholeSentencesAndInTheirOrder() throws IOException {
    RecallCase made = cases(Split.TEST, books, 3).of(RecallTask.NEEDLE, 1200, 0.5, 0);
    String needle = "One of the special magic numbers for ";
    List<String> lines = made.text().lines().toList();
    String emma = Files.readString(folder.resolve("emma.txt")).replaceAll("\\s+", " ");

    assertThat(lines).hasSize(4);
    assertThat(lines.get(2)).startsWith(needle);
    assertThat(lines.get(1)).matches(".*[.!?;:\"')_-]");
    // Sentences over 300 characters are left out, so the ends alone are looked up.
    String end = lines.get(1).substring(lines.get(1).length() - 25);
    String next = lines.get(3).substring(0, 25);
    assertThat(emma).contains(end, next);
    assertThat(emma.indexOf(next, emma.indexOf(end))).isPositive();
  }

  @Test
  void aCaseFollowsFromSeedSplitTaskLengthDepthAndIndexAlone() {
    RecallCases cases = cases(Split.TEST, books, 5);
    RecallCase made = cases.of(RecallTask.NEEDLES, 600, 0.5, 7);
    cases.of(RecallTask.NEEDLES, 900, 0.5, 8);

    assertThat(cases(Split.TEST, books, 5).of(RecallTask.NEEDLES, 600, 0.5, 7).text())
        .isEqualTo(made.text());
    assertThat(
            Stream.of(
                    cases(Split.TEST, books, 6).of(RecallTask.NEEDLES, 600, 0.5, 7),
                    cases.of(RecallTask.NEEDLES, 601, 0.5, 7),
                    cases.of(RecallTask.NEEDLES, 600, 0.5, 8),
                    cases.of(RecallTask.NEEDLE, 600, 0.5, 7),
                    made)
                .map(each -> each.answer().text())
                .collect(Collectors.toSet()))
        .hasSize(5);
  }

  @ParameterizedTest
  @EnumSource(RecallTask.class)
  void theScorerTakesTheAnswerOfTheCaseAndOfNoOther(RecallTask task) {
    RecallCases cases = cases(Split.TEST, FILLER, 1);
    List<RecallAnswer> answers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      answers.add(cases.of(task, 400, 0.5, i).answer());
    }
    for (RecallAnswer right : answers) {
      for (RecallAnswer given : answers) {
        assertThat(right.isIn(given.text()))
            .isEqualTo(Set.copyOf(right.parts()).equals(Set.copyOf(given.parts())));
      }
    }
  }

  @Test
  void thePasskeyOfTheTestIsAskedInTheWordsOfItsPaper() {
    RecallCase made = cases(Split.TEST, FILLER, 1).of(RecallTask.PASSKEY, 256, 0.5, 0);
    String key = made.answer().parts().get(0);

    assertThat(key).matches("[1-9]\\d{4}");
    assertThat(made.text())
        .startsWith("There is an important info hidden inside a lot of irrelevant text.")
        .contains("\nThe pass key is " + key + ". Remember it. " + key + " is the pass key.\n")
        .contains("The grass is green. The sky is blue. The sun is yellow. Here we go.");
    assertThat(made.question()).isEqualTo("What is the pass key? The pass key is");
  }

  @Test
  void lengthsWithoutRoomForWhatIsAskedAreRefused() {
    RecallCases cases = cases(Split.TEST, FILLER, 1);
    SplittableRandom random = new SplittableRandom(1);
    for (RecallTask task : RecallTask.values()) {
      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> cases.of(task, 20, random.nextDouble(), 0))
          .withMessageContaining("recall.lengths 20 is too short for task " + task)
          .withMessageContaining("alone take ");
    }
  }

  @Test
  void booksWithoutASentenceAreRefused() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty.txt"), " \n ");
    RecallBooks none = new RecallBooks(List.of(empty.toString()), READING);

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> cases(Split.TRAIN, none, 1))
        .withMessageContaining("no sentence is in the books")
        .withMessageContaining("empty.txt");
  }
}
