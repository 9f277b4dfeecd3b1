package org.uiospark.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.uiospark.model.InvalidInputException;

class PieceEncoderTest {
  private TextTokenizer tokenizer;

  @BeforeEach
  void load() throws IOException {
    tokenizer = TinyTokenizer.load();
  }

  @AfterEach
  void close() {
    tokenizer.close();
  }

  @Test
  void piecesOfABookGiveTheTokensOfTheWhole() throws Exception {
    String text = TinyTokenizer.excerpt();
    int[] whole = tokenizer.encode(text);
    for (int piece : new int[] {16, 37, 1_000, 65_536}) {
      assertThat(pieces(tokenizer, text, piece)).as("pieces of %d", piece).isEqualTo(whole);
    }
  }

  @Test
  void piecesOfRandomTextGiveTheTokensOfTheWhole() throws Exception {
    String[] alphabet = {
      "a",
      "the",
      "'s",
      "'",
      " ",
      " ",
      " ",
      "  ",
      "\n",
      "\n\n",
      "\t",
      "\r\n",
      "7",
      "123",
      ".",
      ",",
      "\u00e9",
      "e\u0301",
      "\u6211\u4eec",
      "\u3002",
      "\uFF0C",
      "\u0939\u093f",
      "\uD83D\uDE00",
      "\uD835\uDC00",
      "\u00a0",
      "\u3000",
      "<|endoftext|>",
      "\0",
      "\u200d"
    };
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 400; i++) {
        text.append(alphabet[random.nextInt(alphabet.length)]);
      }
      assertThat(pieces(tokenizer, text.toString(), 3 + random.nextInt(40)))
          .as(text.toString())
          .isEqualTo(tokenizer.encode(text.toString()));
    }
  }

  @Test
  void aTextWithoutAPlaceToCutIsRefusedAtTheBound() {
    PieceEncoder encoder = new PieceEncoder(tokenizer, 64, 256);
    assertThatThrownBy(() -> encoder.encode(new StringReader("x".repeat(300)), "dna.txt", t -> {}))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("dna.txt")
        .hasMessageContaining("256 characters from character 0");
  }

  @Test
  void aTokenizerWithASpaceOfItsOwnBeforeEachTextIsCutAtASpaceThatIsDropped() throws Exception {
    String json =
        new String(TinyTokenizer.resource("/tiny-llama/tokenizer.json"), StandardCharsets.UTF_8);
    String prefixed =
        json.replaceFirst("(\"pre_tokenizer\"[^}]*\"add_prefix_space\"\\s*:\\s*)false", "$1true");
    assertThat(prefixed).isNotEqualTo(json);
    try (TextTokenizer spaced =
        TextTokenizer.parse(prefixed.getBytes(StandardCharsets.UTF_8), "prefixed")) {
      String text = TinyTokenizer.excerpt().substring(0, 50_000);
      assertThat(pieces(spaced, text, 50)).isEqualTo(spaced.encode(text));
    }
  }

  private static int[] pieces(TextTokenizer tokenizer, String text, int pieceChars)
      throws IOException {
    IntStream.Builder ids = IntStream.builder();
    PieceEncoder encoder = new PieceEncoder(tokenizer, pieceChars, 1 << 22);
    long count =
        encoder.encode(
            new StringReader(text),
            "text",
            piece -> {
              for (int id : piece) {
                ids.add(id);
              }
            });
    int[] all = ids.build().toArray();
    assertThat(count).isEqualTo(all.length);
    return all;
  }
}
