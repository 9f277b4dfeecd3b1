package org.uiospark.data.longtext;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.source.Slice;
import org.uiospark.model.input.UnicodeReader;
import org.uiospark.model.text.PieceEncoder;
import org.uiospark.model.text.TextTokenizer;

/** A text in parts has the tokens that it has when it is read from its start to its end. */
class PartEncoderTest {
  private static final Configuration LOCAL = new Configuration();

  @TempDir Path folder;

  @Test
  void theTokensOfThePartsAreThoseOfTheText() throws IOException {
    String book =
        new String(resource("/text/tom-sawyer-excerpt.txt"), StandardCharsets.UTF_8)
            .substring(0, 20_000)
            .replace("the ", "th\u00e9 \u6211\u4eec\u3002\uD83D\uDE00 ");
    byte[] text =
        (book + "0123456789\n".repeat(900) + book + "\r\n" + "x".repeat(3_000) + book)
            .getBytes(StandardCharsets.UTF_8);
    // Bytes that are no text, some of them where a cut is looked for.
    Random random = new Random(5);
    for (int i = 0; i < 200; i++) {
      text[random.nextInt(text.length)] = (byte) (0x80 + random.nextInt(0x80));
    }
    for (String space : new String[] {"false", "true"}) {
      try (TextTokenizer tokenizer = tokenizer(space)) {
        int[] whole = whole(tokenizer, text);
        for (int partBytes : new int[] {1_000, 3_331, 13_000}) {
          List<PartEncoder.Encoded> parts = encode(tokenizer, text, partBytes);
          assertThat(parts).hasSizeGreaterThan(3).noneMatch(PartEncoder.Encoded::isWhole);
          assertThat(tokens(parts, 1)).as("parts of %d", partBytes).isEqualTo(whole);
          assertThat(tokens(parts, 64)).isEqualTo(whole);
        }
        // Digits have no place to cut for longer than a part.
        assertThat(encode(tokenizer, text, 1_000)).anyMatch(part -> part.tokens() == 0);
      }
    }
  }

  /** Few letters, so that cuts, characters of several bytes and bytes alone meet in every order. */
  @Test
  void soAreThoseOfRandomTextInPartsOfAFewBytes() throws IOException {
    String[] alphabet = {"a", "b", " ", "\n", "\u00e9", "\u6211", "\u3002", "\uD83D\uDE00", "7"};
    Random random = new Random(11);
    try (TextTokenizer tokenizer = tokenizer("false")) {
      for (int round = 0; round < 20; round++) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (int i = 0; i < 200; i++) {
          text.writeBytes(
              random.nextInt(30) == 0
                  ? new byte[] {(byte) random.nextInt(256)}
                  : alphabet[random.nextInt(alphabet.length)].getBytes(StandardCharsets.UTF_8));
        }
        List<PartEncoder.Encoded> parts =
            encode(tokenizer, text.toByteArray(), 5 + random.nextInt(30));
        assertThat(tokens(parts, 1 + random.nextInt(9)))
            .as("round %d", round)
            .isEqualTo(whole(tokenizer, text.toByteArray()));
      }
    }
  }

  @Test
  void everySequenceIsWrittenByOnePart() throws IOException {
    try (TextTokenizer tokenizer = tokenizer("false")) {
      byte[] text =
          "to be or not to be that is the question ".repeat(60).getBytes(StandardCharsets.UTF_8);
      List<PartEncoder.Encoded> parts = encode(tokenizer, text, 100);
      long all = parts.stream().mapToLong(PartEncoder.Encoded::tokens).sum();
      for (int sequence : new int[] {1, 7, 50, (int) all / 2, (int) all, (int) all + 1}) {
        List<PartTokens> written = EncodedText.of(parts).get(0).sequences(sequence);
        assertThat(written).hasSameSizeAs(parts);
        long at = 0;
        for (PartTokens each : written) {
          assertThat(each.from()).as("sequences of %d", sequence).isEqualTo(at);
          assertThat(each.from() % sequence).isZero();
          at = each.to();
        }
        assertThat(at).isEqualTo(all);
        assertThat(written).filteredOn(PartTokens::last).hasSize(1);
      }
    }
  }

  @Test
  void aTextWhoseBytesAreNoUtf8IsReadAsAWhole() throws IOException {
    try (TextTokenizer tokenizer = tokenizer("false")) {
      byte[] text = "\uFEFFto be or not to be ".repeat(50).getBytes(StandardCharsets.UTF_16LE);
      assertThat(EncodedText.of(encode(tokenizer, text, 200))).isEmpty();
    }
  }

  private List<PartEncoder.Encoded> encode(TextTokenizer tokenizer, byte[] bytes, int partBytes)
      throws IOException {
    Path file = Files.write(folder.resolve("long.txt"), bytes);
    LongText text = new LongText(0, new Slice(file.toString(), 0, bytes.length, 0), partBytes);
    PartEncoder encoder = new PartEncoder(tokenizer, folder.resolve("tokens").toString(), LOCAL);
    List<PartEncoder.Encoded> parts = new ArrayList<>();
    for (LongText.Part part : text.parts()) {
      parts.add(encoder.encode(part));
    }
    return parts;
  }

  private static int[] tokens(List<PartEncoder.Encoded> parts, int sequence) throws IOException {
    IntStream.Builder ids = IntStream.builder();
    for (PartTokens part : EncodedText.of(parts).get(0).sequences(sequence)) {
      part.read(LOCAL, piece -> IntStream.of(piece).forEach(ids));
    }
    return ids.build().toArray();
  }

  private static int[] whole(TextTokenizer tokenizer, byte[] text) throws IOException {
    IntStream.Builder ids = IntStream.builder();
    try (UnicodeReader reader = new UnicodeReader(new ByteArrayInputStream(text))) {
      new PieceEncoder(tokenizer)
          .encode(reader, "long.txt", piece -> IntStream.of(piece).forEach(ids));
    }
    return ids.build().toArray();
  }

  private static TextTokenizer tokenizer(String space) throws IOException {
    String json = new String(resource("/tiny-llama/tokenizer.json"), StandardCharsets.UTF_8);
    return TextTokenizer.parse(
        json.replaceFirst(
                "(\"pre_tokenizer\"[^}]*\"add_prefix_space\"\\s*:\\s*)false", "$1" + space)
            .getBytes(StandardCharsets.UTF_8),
        "tokenizer.json");
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = PartEncoderTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }
}
