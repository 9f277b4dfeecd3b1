package org.uiospark.data.prep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.data.summary.PrepSummary;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.text.TextTokenizer;

/** One document that cannot be tokenized does not end the run of the others. */
class UnencodableDocumentTest extends PrepFixture {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** As the report has it: 4.4 MB. */
  private static final int DIGITS = 4_400_000;

  private String book;

  @BeforeEach
  void read() throws IOException {
    book = book();
  }

  @Test
  void aLongNumberIsCutWhereThatChangesNoToken() throws Exception {
    String number = digits();
    Files.writeString(input.resolve("a.txt"), book.substring(0, 2_000));
    Files.writeString(input.resolve("pi.txt"), number);

    assertThat(run(Objective.LM).documents()).isEqualTo(2);

    try (TextTokenizer direct = TextTokenizer.load(tokenizer)) {
      int[] whole = direct.encode(number);
      int[] closed = Arrays.copyOf(whole, whole.length + 1);
      assertThat(Arrays.equals(documents().get("pi.txt"), closed)).isTrue();
    }
  }

  @Test
  void whatCannotBeCutIsCountedWithItsReasonAndTheOthersStay() throws Exception {
    prefixSpace();
    Files.writeString(input.resolve("a.txt"), book.substring(0, 2_000));
    // Many of its sequences are written before the place where it fails.
    Files.writeString(input.resolve("b.txt"), book + digits());
    Files.writeString(input.resolve("c.txt"), book.substring(2_000, 5_000));

    PrepSummary summary = run(Objective.LM);

    assertThat(summary.documents()).isEqualTo(2);
    assertThat(summary.rejected()).containsEntry(ShardResult.UNENCODABLE, 1L);
    assertThat(summary.text())
        .contains("left out: document that cannot be tokenized: 1")
        .contains("b.txt: no place in 4194304 characters");
    assertThat(documents()).containsOnlyKeys("a.txt", "c.txt");
    try (TextTokenizer direct = TextTokenizer.load(tokenizer)) {
      int[] whole = direct.encode(book.substring(2_000, 5_000));
      assertThat(documents().get("c.txt")).isEqualTo(Arrays.copyOf(whole, whole.length + 1));
    }
    // It is no document of the data set: every run says it again.
    PrepSummary again = run(Objective.LM);
    assertThat(again.skipped()).isEqualTo(2);
    assertThat(again.rejected()).containsEntry(ShardResult.UNENCODABLE, 1L);
  }

  @Test
  void aTokenizerThatKnowsNotEveryCharacterLeavesOutTheDocumentsThatHaveOthers() throws Exception {
    lettersOnly();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      lines.add(JSON.createObjectNode().put("text", "some words of a line").toString());
    }
    lines.add(JSON.createObjectNode().put("text", "\u6211 is none of the letters").toString());
    Files.write(input.resolve("x.jsonl"), lines);
    PrepSummary summary = run(Objective.LM);
    assertThat(summary.documents()).isEqualTo(9);
    assertThat(summary.rejected()).containsEntry(ShardResult.UNENCODABLE, 1L);
    assertThat(summary.examples().get(0)).contains("x.jsonl:10: ");

    lines.add(lines.get(9));
    Files.write(input.resolve("x.jsonl"), lines);
    assertThatThrownBy(() -> run(Objective.LM))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("2 of 11 documents cannot be tokenized")
        .hasMessageContaining("max-rejected-share 0.01")
        .hasMessageContaining("x.jsonl:10: it cannot encode a text");
  }

  /** Copies were read and could be tokenized, so they count, equal ones as near ones do. */
  @Test
  void theShareIsThatOfAllDocumentsCopiesAmongThem() throws Exception {
    lettersOnly();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 198; i++) {
      lines.add(JSON.createObjectNode().put("text", "some words of a line").toString());
    }
    lines.add(JSON.createObjectNode().put("text", "\u6211 is none of the letters").toString());
    lines.add(JSON.createObjectNode().put("text", "\u6211 is not one of them").toString());
    Files.write(input.resolve("x.jsonl"), lines);
    PrepSummary summary = run(Objective.LM, Repeats.DROPPED);
    assertThat(summary.documents()).isEqualTo(1);
    assertThat(summary.rejected()).containsEntry(ShardResult.UNENCODABLE, 2L);

    lines.remove(0);
    Files.write(input.resolve("x.jsonl"), lines);
    assertThatThrownBy(() -> run(Objective.LM, Repeats.DROPPED))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("2 of 199 documents cannot be tokenized");
  }

  @Test
  void soDoExamplesOfPromptAndResponse() throws Exception {
    lettersOnly();
    Files.write(
        input.resolve("x.jsonl"),
        List.of(
            JSON.createObjectNode().put("prompt", "a").put("response", "b").toString(),
            JSON.createObjectNode().put("prompt", "\u6211").put("response", "b").toString()));
    PrepSummary summary = run(Objective.SFT);
    assertThat(summary.documents()).isEqualTo(1);
    assertThat(summary.rejected()).containsEntry(ShardResult.UNENCODABLE, 1L);
  }

  @Test
  void whereItIsAllThereIsTheReasonIsNamed() throws Exception {
    prefixSpace();
    Files.writeString(input.resolve("b.txt"), digits());
    assertThatThrownBy(() -> run(Objective.LM))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("empty corpus")
        .hasMessageContaining("b.txt: no place in 4194304 characters");
  }

  private static String digits() {
    StringBuilder digits = new StringBuilder(DIGITS);
    new Random(1).ints(DIGITS, 0, 10).forEach(digits::append);
    return digits.toString();
  }

  /** Digits come behind a space of the tokenizer's own, so a number cannot be cut. */
  private void prefixSpace() throws IOException {
    ObjectNode root = (ObjectNode) JSON.readTree(tokenizer.toFile());
    ((ObjectNode) root.get("pre_tokenizer")).put("add_prefix_space", true);
    JSON.writeValue(tokenizer.toFile(), root);
  }

  /** A unigram model without a token for what it does not know. */
  private void lettersOnly() throws IOException {
    ObjectNode root = JSON.createObjectNode().put("version", "1.0");
    ArrayNode pieces = root.putObject("model").put("type", "Unigram").putArray("vocab");
    ((ObjectNode) root.get("model")).putNull("unk_id").put("byte_fallback", false);
    IntStream.concat(IntStream.of(' '), IntStream.rangeClosed('a', 'z'))
        .forEach(c -> pieces.addArray().add(Character.toString(c)).add(-2.0));
    pieces.addArray().add("I").add(-2.0);
    JSON.writeValue(tokenizer.toFile(), root);
  }

  private PrepSummary run(Objective objective) {
    return run(objective, Repeats.KEPT);
  }

  private PrepSummary run(Objective objective, Repeats repeats) {
    return prepare(
        new PrepSettings(
            List.of(input.toString()),
            out("out"),
            tokenizer.toString(),
            objective,
            new Cutting(64, 4, 1, 0),
            new TextReading(RecordFields.ofText("text"), 0.001),
            repeats,
            10_000_000,
            0.01));
  }

  private TreeMap<String, int[]> documents() {
    SequenceDataSet set = open("out");
    TreeMap<String, IntStream.Builder> documents = new TreeMap<>();
    for (long i = 0; i < set.size(); i++) {
      IntStream.Builder ids =
          documents.computeIfAbsent(set.sequence(i).docId(), key -> IntStream.builder());
      for (int id : set.sequence(i).inputIds()) {
        ids.add(id);
      }
    }
    TreeMap<String, int[]> all = new TreeMap<>();
    documents.forEach((docId, ids) -> all.put(docId, ids.build().toArray()));
    return all;
  }
}
