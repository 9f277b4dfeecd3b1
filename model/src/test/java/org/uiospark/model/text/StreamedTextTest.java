package org.uiospark.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class StreamedTextTest {
  private static final Path TOKENIZER = Path.of("src/test/resources/tiny-llama/tokenizer.json");

  /** A token is a byte, as in byte-level tokenizers. */
  private static String bytes(int[] ids) {
    byte[] bytes = new byte[ids.length];
    for (int i = 0; i < ids.length; i++) {
      bytes[i] = (byte) ids[i];
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void charactersOfSeveralTokensComeWhole() {
    assertThat(streamed(StreamedTextTest::bytes, "so ", "h\u00e9\ud83d\ude00!"))
        .containsExactly("h", "", "\u00e9", "", "", "", "\ud83d\ude00", "!", "");
  }

  @Test
  void halfACharacterAtTheEndIsShownAtTheEnd() {
    StreamedText text = new StreamedText(StreamedTextTest::bytes, new int[] {'a'});

    assertThat(text.push(0xF0)).isEmpty();
    assertThat(text.push(0x9F)).isEmpty();
    assertThat(text.finish()).isEqualTo("\uFFFD");
  }

  /** As tokenizers with byte fallback do: bytes are text together, or none of them is. */
  @Test
  void aPromptThatIsCutWithinACharacterDoesNotSpoilTheTextBehindIt() {
    Function<int[], String> allOrNone =
        ids -> {
          String text = bytes(ids);
          return text.contains("\uFFFD") ? "\uFFFD".repeat(ids.length) : text;
        };

    assertThat(streamed(allOrNone, "\u1000".repeat(6), "\u1001\u1002"))
        .containsExactly("", "", "\u1001", "", "", "\u1002", "");
  }

  @Test
  void aSpaceThatTheDecoderStripsFromTheStartOfATextIsKept() {
    Function<int[], String> words =
        ids ->
            Arrays.stream(ids)
                .mapToObj(id -> " word" + id)
                .reduce("", String::concat)
                .stripLeading();
    StreamedText text = new StreamedText(words, new int[] {7});

    assertThat(text.push(1)).isEqualTo(" word1");
    assertThat(text.push(2)).isEqualTo(" word2");
    assertThat(text.finish()).isEmpty();
  }

  @Test
  void piecesJoinToTheTextOfARealTokenizer() {
    try (TextTokenizer tokenizer = TextTokenizer.load(TOKENIZER)) {
      String text =
          " \u201cna\u00efve\u201d caf\u00e9 \ud83d\ude80\ud83c\udf0d, \u4f60\u597d \uFFFD end\n";
      StreamedText streamed = new StreamedText(tokenizer::decode, tokenizer.encode("He said"));
      StringBuilder joined = new StringBuilder();
      for (int token : tokenizer.encode(text)) {
        joined.append(streamed.push(token));
      }
      assertThat(joined.append(streamed.finish())).hasToString(text);
    }
  }

  private static List<String> streamed(
      Function<int[], String> decoder, String before, String text) {
    StreamedText streamed = new StreamedText(decoder, tokens(before));
    List<String> pieces = new ArrayList<>();
    for (int token : tokens(text)) {
      pieces.add(streamed.push(token));
    }
    pieces.add(streamed.finish());
    return pieces;
  }

  private static int[] tokens(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] tokens = new int[bytes.length];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = bytes[i] & 0xFF;
    }
    return tokens;
  }
}
