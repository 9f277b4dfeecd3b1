package org.uiospark.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.model.input.InvalidInputException;

class QaExampleTest {
  private static final String GOOD =
      "{\"input\": \"Who?\", \"context\": \"Emma spoke.\", \"answers\": [\"Emma\", \"She\"]";

  @TempDir Path folder;

  private List<QaExample> read(String... lines) throws IOException {
    Path file = Files.writeString(folder.resolve("novels.jsonl"), String.join("\n", lines));
    return QaExample.read(file.toString(), new Configuration());
  }

  @Test
  void linesOfLongBenchBecomePrompts() throws IOException {
    List<QaExample> examples =
        read(GOOD + ", \"dataset\": \"qasper\", \"length\": 2}", "", GOOD + "}");

    assertThat(examples).extracting(QaExample::dataset).containsExactly("qasper", "novels");
    assertThat(examples.get(0).answers()).containsExactly("Emma", "She");
    assertThat(examples.get(0).prompt())
        .contains("Emma spoke.")
        .endsWith("Question: Who?\nAnswer:");
    assertThat(read(GOOD.replace("Who?", "") + "}").get(0).prompt()).endsWith("Summary:");
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"input\": \"a\", \"context\": \"b\"}', 'answers'",
    "'{\"input\": \"a\", \"context\": \"b\", \"answers\": []}', 'answers'",
    "'{\"input\": \"a\", \"answers\": [\"c\"]}', 'context'",
    "'{\"context\": \"b\", \"answers\": [\"c\"]}', 'input'",
    "'{\"input\"', 'JSON'"
  })
  void aLineThatIsNoneIsNamed(String line, String says) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> read(GOOD + "}", line))
        .withMessageContainingAll("novels.jsonl:2", says);
  }

  @Test
  void aByteOrderMarkIsNoPartOfALineAndOtherEncodingsAreRefused() throws IOException {
    assertThat(read("\uFEFF" + GOOD + "}")).hasSize(1);
    Path latin =
        Files.write(
            folder.resolve("latin.jsonl"),
            (GOOD + ", \"dataset\": \"\u00e9\"}").getBytes(StandardCharsets.ISO_8859_1));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> QaExample.read(latin.toString(), new Configuration()))
        .withMessageContainingAll("latin.jsonl", "not UTF-8");
  }

  @Test
  void longPromptsLoseTheirMiddle() {
    int[] tokens = {0, 1, 2, 3, 4, 5, 6};
    assertThat(QaExample.cut(tokens, 5)).containsExactly(0, 1, 4, 5, 6);
    assertThat(QaExample.cut(tokens, 4)).containsExactly(0, 1, 5, 6);
    assertThat(QaExample.cut(tokens, 7)).isSameAs(tokens);
  }

  @Test
  void theBestOfTheRightAnswersCounts() {
    QaExample example = new QaExample("triviaqa", "", List.of("Paris", "the city of Paris"));

    // First line only; F1 against the second: 2 of "city paris" within 3 words "city of paris".
    QaTable.Scored scored = QaTable.Scored.of(example, "\nCity, Paris!\nmore", false);

    assertThat(scored.f1()).isCloseTo(2 * (1.0 * 2 / 3) / (1 + 2.0 / 3), within(1e-12));
    // As they are, "City," and "Paris!" are no words of any answer.
    assertThat(scored.rougeL()).isZero();
  }
}
