package org.uiospark.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.text.TextTokenizer;

class PasskeyPromptTest {
  private static final Path TOKENIZER =
      Path.of("src/main/resources/org/uiospark/jobs/quickstart/model/tokenizer.json");

  @ParameterizedTest
  @CsvSource({"256, 0", "500, 0.25", "500, 0.5", "1000, 1"})
  void hidesTheKeyAtItsDepthInAPromptOfExactlyTheLength(int length, double depth) {
    try (TextTokenizer tokenizer = TextTokenizer.load(TOKENIZER)) {
      int[] prompt = new PasskeyPrompt(tokenizer).of(length, depth, "48213");

      assertThat(prompt).hasSize(length);
      String text = tokenizer.decode(prompt);
      assertThat(text)
          .startsWith("There is an important info hidden")
          .contains("\nThe pass key is 48213. Remember it. 48213 is the pass key.\n")
          .endsWith("\nWhat is the pass key? The pass key is");
      String filler = text.substring(text.indexOf("there.\n") + 7, text.indexOf("\nWhat is"));
      int at = filler.indexOf("\nThe pass key");
      double share = (double) at / (filler.length() - needle().length());
      assertThat(share).isBetween(depth - 0.02, depth + 0.02);
    }
  }

  private static String needle() {
    return "\nThe pass key is 48213. Remember it. 48213 is the pass key.\n";
  }

  @Test
  void keysFollowFromSeedLengthAndIndex() {
    assertThat(PasskeyPrompt.key(1, 256, 0)).isEqualTo(PasskeyPrompt.key(1, 256, 0));
    assertThat(PasskeyPrompt.key(1, 256, 0)).isNotEqualTo(PasskeyPrompt.key(2, 256, 0));
    assertThat(PasskeyPrompt.key(1, 256, 0)).isNotEqualTo(PasskeyPrompt.key(1, 256, 1));
    assertThat(PasskeyPrompt.key(1, 256, 0)).matches("[1-9]\\d{4}");
  }

  @ParameterizedTest
  @CsvSource({
    "' 48213.', true", "' the number 48213, and 1', true", "' 482134', false",
    "' 4821', false", "'1 48213', false", "' none', false"
  })
  void theFirstNumberOfAnAnswerCounts(String answer, boolean right) {
    assertThat(PasskeyPrompt.isRight(answer, "48213")).isEqualTo(right);
  }

  @Test
  void aLengthWithoutRoomForTheTaskIsRefused() {
    try (TextTokenizer tokenizer = TextTokenizer.load(TOKENIZER)) {
      PasskeyPrompt prompts = new PasskeyPrompt(tokenizer);
      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> prompts.of(20, 0.5, "48213"))
          .withMessageContaining("passkey-lengths 20 is too short");
    }
  }
}
