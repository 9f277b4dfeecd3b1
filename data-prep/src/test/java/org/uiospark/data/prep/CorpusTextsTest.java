package org.uiospark.data.prep;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;

class CorpusTextsTest {
  private static final TextReading READING = new TextReading(RecordFields.ofText("text"), 0.001);

  @TempDir Path folder;

  private List<String> sample(int most) {
    return CorpusTexts.sample(List.of(folder.toString()), READING, most, new Configuration());
  }

  private void write(String name, String text) throws IOException {
    Files.createDirectories(folder.resolve(name).getParent());
    Files.write(folder.resolve(name), text.getBytes(UTF_8));
  }

  @Test
  void textsThatFitAreThereWhole() throws IOException {
    write("a.txt", "The first book.");
    write("b.jsonl", "{\"text\": \"One.\"}\n{\"text\": \"Two.\"}\n{\"no\": 1}\n");

    assertThat(sample(1000)).containsExactly("The first book.", "One.", "Two.");
  }

  @Test
  void aSampleHasAsMuchOfEveryFileAndIsNeverLonger() throws IOException {
    write("a.txt", "a".repeat(50_000));
    write("b.txt", "b".repeat(50_000));
    write("c.jsonl", "{\"text\": \"ccc\"}\n".repeat(5_000));

    List<String> texts = sample(900);

    assertThat(texts.subList(0, 2)).containsExactly("a".repeat(300), "b".repeat(300));
    assertThat(texts.subList(2, texts.size())).hasSize(100).containsOnly("ccc");
  }

  @Test
  void ofManyFilesSomeAreReadFromAllOverTheirOrder() throws IOException {
    for (int i = 0; i < 640; i++) {
      write(String.format(Locale.ROOT, "%03d.txt", i), i + " ");
    }

    List<String> texts = sample(64_000);

    assertThat(texts).hasSize(64).startsWith("0 ", "10 ", "20 ").endsWith("630 ");
  }

  /** Of a name the last document counts; lines are numbered though the file is read in parts. */
  @Test
  void contentsAreFoundByTheNamesThatDocumentsHaveNow() throws IOException {
    write("a.txt", "The first book.");
    write(
        "b.jsonl",
        "{\"text\": \"One.\"}\n{\"text\": \"Two.\"}\n{\"id\": \"x\", \"text\": \"Three.\"}\n");
    write(
        "c/d.jsonl",
        "{\"id\": \"x\", \"text\": \"Four.\"}\n{\"id\": \"y\", \"text\": \"Five.\"}\n");
    PrepSettings settings =
        new PrepSettings(
            List.of(folder.toString()),
            "out",
            "tokenizer.json",
            Objective.LM,
            new Cutting(1, 1, 1, 0),
            READING,
            Repeats.KEPT,
            10,
            1);

    assertThat(
            CorpusTexts.contents(
                settings, Set.of("a.txt", "b.jsonl#2", "x", "none"), new Configuration()))
        .isEqualTo(
            Map.of(
                "a.txt", sha256("The first book."),
                "b.jsonl#2", sha256("Two."),
                "x", sha256("Four.")));
  }

  private static String sha256(String text) {
    return Sha256.hex(text.getBytes(UTF_8));
  }

  @Test
  void filesThatAreSpoiledAreLeftOutAndFilesThatAreNotThereRefused() throws IOException {
    write("a.txt", "good");
    Files.write(folder.resolve("b.txt"), "é".repeat(500).getBytes(ISO_8859_1));

    assertThat(sample(10_000)).containsExactly("good");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                CorpusTexts.sample(
                    List.of(folder.resolve("none").toString()), READING, 10, new Configuration()))
        .withMessageContaining("matches no file");
  }
}
