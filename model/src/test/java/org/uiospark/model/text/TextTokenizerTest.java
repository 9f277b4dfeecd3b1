package org.uiospark.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.model.input.InvalidInputException;

class TextTokenizerTest {
  @TempDir Path folder;

  @Test
  void encodesAsTheIndependentEncoderAndRoundTrips() throws Exception {
    JsonNode cases =
        new ObjectMapper().readTree(TinyTokenizer.resource("/tiny-llama/tokenizer-cases.json"));
    assertThat(cases).isNotEmpty();
    try (TextTokenizer tokenizer = TinyTokenizer.load()) {
      for (JsonNode each : cases) {
        String text = each.get("text").asText();
        int[] expected =
            StreamSupport.stream(each.get("ids").spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
        assertThat(tokenizer.encode(text)).as(text).isEqualTo(expected);
        assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
      }
    }
  }

  @Test
  void longTextIsNotTruncated() throws Exception {
    try (TextTokenizer tokenizer = TinyTokenizer.load()) {
      String text = TinyTokenizer.excerpt();
      int[] ids = tokenizer.encode(text);
      assertThat(ids.length).isGreaterThan(40_000);
      assertThat(tokenizer.decode(ids)).isEqualTo(text);
    }
  }

  @Test
  void countsTheVocabularyWithItsAddedTokens() throws Exception {
    try (TextTokenizer tokenizer = TinyTokenizer.load()) {
      assertThat(tokenizer.vocabularySize()).isEqualTo(2048);
      assertThat(tokenizer.decode(new int[] {0})).isEqualTo("<|endoftext|>");
    }
  }

  @Test
  void takesCharactersThatJavaWritesInAnUnusualWay() throws Exception {
    try (TextTokenizer tokenizer = TinyTokenizer.load()) {
      assertThat(tokenizer.decode(tokenizer.encode("a\0b \uD83D\uDE00")))
          .isEqualTo("a\0b \uD83D\uDE00");
      assertThat(tokenizer.decode(tokenizer.encode("a\uD83Db"))).isEqualTo("a\uFFFDb");
    }
  }

  @Test
  void givesTheSameTokensToManyThreads() throws Exception {
    try (TextTokenizer tokenizer = TinyTokenizer.load()) {
      String text = TinyTokenizer.excerpt().substring(0, 5_000);
      int[] expected = tokenizer.encode(text);
      assertThat(IntStream.range(0, 32).parallel().mapToObj(i -> tokenizer.encode(text)))
          .allSatisfy(ids -> assertThat(ids).isEqualTo(expected));
    }
  }

  @Test
  void refusesMissingAndBrokenFilesWithOneLine() throws Exception {
    Path missing = folder.resolve("none.json");
    assertThatThrownBy(() -> TextTokenizer.load(missing))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("none.json does not exist");
    assertThatThrownBy(() -> TextTokenizer.load(folder))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(folder + " is not a file; give the tokenizer.json");
    for (String content : new String[] {"", "{", "{}", "{\"model\":{\"vocab\":{\"a\":0}}}"}) {
      Path broken = Files.writeString(folder.resolve("broken.json"), content);
      assertThatThrownBy(() -> TextTokenizer.load(broken))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("broken.json")
          .hasMessageNotContaining("\n");
    }
  }
}
