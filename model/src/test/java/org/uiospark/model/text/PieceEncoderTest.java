package org.uiospark.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
  void aLongStretchOfDigitsIsCutWhereItFallsApart() throws Exception {
    // As Qwen 2, Llama 3, and numbers of any length cut digits.
    for (String digits : new String[] {"\\p{N}", "\\p{N}{1,3}", "\\p{N}+"}) {
      ObjectNode root = (ObjectNode) new ObjectMapper().readTree(json());
      ObjectNode steps = new ObjectMapper().createObjectNode().put("type", "Sequence");
      ObjectNode split = steps.putArray("pretokenizers").addObject().put("type", "Split");
      split.putObject("pattern").put("Regex", digits);
      split.put("behavior", "Isolated").put("invert", false);
      steps.withArray("pretokenizers").add(root.get("pre_tokenizer"));
      root.set("pre_tokenizer", steps);
      byte[] json = new ObjectMapper().writeValueAsBytes(root);
      try (TextTokenizer other = TextTokenizer.parse(json, digits)) {
        assertStretchIsExact(other, "0123456789");
        assertStretchIsExact(other, "0011");
      }
    }
    assertStretchIsExact(tokenizer, "0123456789");
    assertStretchIsExact(tokenizer, "18 5.,");
    assertStretchIsExact(tokenizer, "acgt");
    assertStretchIsExact(tokenizer, "x");
    assertStretchIsExact(tokenizer, " ");
    assertStretchIsExact(tokenizer, "\u0e01\u0e34\u0e19");
  }

  /** Longer than the bound, with some text that is cut as ever before and behind it. */
  private static void assertStretchIsExact(TextTokenizer tokenizer, String alphabet)
      throws IOException {
    Random random = new Random(3);
    for (int length : new int[] {600, 1_000, 20_000}) {
      StringBuilder text = new StringBuilder("It is a truth universally acknowledged ");
      random.ints(length, 0, alphabet.length()).forEach(i -> text.append(alphabet.charAt(i)));
      text.append(" that a single man in possession of a good fortune must be in want of a wife.");
      assertThat(pieces(tokenizer, text.toString(), 64, 512))
          .as("%d of %s", length, alphabet)
          .isEqualTo(tokenizer.encode(text.toString()));
    }
  }

  @Test
  void aTextWithoutAPlaceToCutIsRefusedAtTheBound() throws Exception {
    try (TextTokenizer spaced = spaced()) {
      PieceEncoder encoder = new PieceEncoder(spaced, 64, 256);
      assertThatThrownBy(
              () -> encoder.encode(new StringReader("x".repeat(300)), "dna.txt", t -> {}))
          .isInstanceOf(UnencodableTextException.class)
          .hasMessageContaining("dna.txt: no place")
          .hasMessageContaining("256 characters from character 0");
    }
  }

  @Test
  void aTokenizerWithASpaceOfItsOwnBeforeEachTextIsCutAtASpaceThatIsDropped() throws Exception {
    try (TextTokenizer spaced = spaced()) {
      String text = TinyTokenizer.excerpt().substring(0, 50_000);
      assertThat(pieces(spaced, text, 50)).isEqualTo(spaced.encode(text));
    }
  }

  /** Cut anywhere, within words and characters too; what is known of the text is its end alone. */
  @Test
  void aTextThatGoesOnHasTheTokensOfTheWhole() throws Exception {
    try (TextTokenizer spaced = spaced()) {
      for (TextTokenizer each : new TextTokenizer[] {tokenizer, spaced}) {
        PieceEncoder encoder = new PieceEncoder(each);
        String text = TinyTokenizer.excerpt().replace("the ", "the \u00e9t\u00e9\u3002 ");
        Random random = new Random(9);
        for (int round = 0; round < 300; round++) {
          int from = random.nextInt(40_000);
          int to = from + 400 + random.nextInt(200);
          String before = text.substring(from, to);
          String more = text.substring(to, to + 1 + random.nextInt(80));
          int[] tokens = each.encode(before);
          int begin = random.nextInt(tokens.length - 40);
          int[] end = Arrays.copyOfRange(tokens, begin, tokens.length);

          int[] behind = encoder.behind(encoder.seam(end), more);

          int[] whole = each.encode(before + more);
          assertThat(behind)
              .as("'%s' and '%s'", before, more)
              .isEqualTo(Arrays.copyOfRange(whole, begin, whole.length));
        }
        assertThat(encoder.behind(encoder.seam(new int[0]), "Tom ran"))
            .isEqualTo(each.encode("Tom ran"));
      }
    }
  }

  private static String json() throws IOException {
    return new String(TinyTokenizer.resource("/tiny-llama/tokenizer.json"), StandardCharsets.UTF_8);
  }

  private static TextTokenizer spaced() throws IOException {
    String json = json();
    String prefixed =
        json.replaceFirst("(\"pre_tokenizer\"[^}]*\"add_prefix_space\"\\s*:\\s*)false", "$1true");
    assertThat(prefixed).isNotEqualTo(json);
    return TextTokenizer.parse(prefixed.getBytes(StandardCharsets.UTF_8), "prefixed");
  }

  private static int[] pieces(TextTokenizer tokenizer, String text, int pieceChars)
      throws IOException {
    return pieces(tokenizer, text, pieceChars, 1 << 22);
  }

  private static int[] pieces(TextTokenizer tokenizer, String text, int pieceChars, int boundChars)
      throws IOException {
    IntStream.Builder ids = IntStream.builder();
    PieceEncoder encoder = new PieceEncoder(tokenizer, pieceChars, boundChars);
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
