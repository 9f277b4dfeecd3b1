package org.uiospark.model.input;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UnicodeReaderTest {
  private static final String TEXT = "caf\u00e9 \u4e2d \uD83D\uDE00 ".repeat(3000);

  @Test
  void aByteOrderMarkSaysTheEncodingAndIsNoText() throws IOException {
    for (Charset charset :
        List.of(
            UTF_8, UTF_16LE, UTF_16BE, Charset.forName("UTF-32LE"), Charset.forName("UTF-32BE"))) {
      byte[] bytes = ("\uFEFF" + TEXT).getBytes(charset);
      assertThat(read(new UnicodeReader(new Trickle(bytes)))).isEqualTo(TEXT);
      assertThat(UnicodeReader.strict(ByteBuffer.wrap(bytes))).isEqualTo(TEXT);
    }
    assertThat(read(new UnicodeReader(new Trickle(TEXT.getBytes(UTF_8))))).isEqualTo(TEXT);
    assertThat(read(new UnicodeReader(new Trickle(new byte[0])))).isEmpty();
    assertThat(read(new UnicodeReader(new Trickle("\uFEFF".getBytes(UTF_8))))).isEmpty();
  }

  @Test
  void malformedBytesBecomeWhatJavaMakesOfThemAndAreCounted() throws IOException {
    UnicodeReader latin = new UnicodeReader(new Trickle("\u00e9t\u00e9".getBytes(ISO_8859_1)));
    assertThat(read(latin)).isEqualTo("\uFFFDt\uFFFD");
    assertThat(latin.replaced()).isEqualTo(2);
    assertThat(latin.bytes()).isEqualTo(3);
    Random random = new Random(1);
    for (int i = 0; i < 200; i++) {
      byte[] bytes = TEXT.substring(0, 40).getBytes(UTF_8);
      bytes[random.nextInt(bytes.length - 4) + 4] = (byte) random.nextInt();
      UnicodeReader reader = new UnicodeReader(new Trickle(bytes));
      assertThat(read(reader)).isEqualTo(new String(bytes, UTF_8));
    }
  }

  @Test
  void utf16WithoutAMarkShowsByItsNulls() throws IOException {
    UnicodeReader reader = new UnicodeReader(new Trickle("plain".getBytes(UTF_16LE)));
    read(reader);
    assertThat(reader.nulls()).isEqualTo(5);
  }

  @Test
  void jsonMayHaveAMarkAndMayNotBeMalformed() {
    byte[] marked = "\uFEFF{\"a\": \"\u00e9\"}".getBytes(UTF_8);
    assertThat(InputJson.object("x.json", marked).path("a").asText()).isEqualTo("\u00e9");
    byte[] utf16 = "\uFEFF{\"a\": 1}".getBytes(UTF_16LE);
    assertThat(InputJson.object("x.json", utf16).path("a").asInt()).isEqualTo(1);
    byte[] latin = "{\"a\": \"\u00e9\"}".getBytes(ISO_8859_1);
    assertThatThrownBy(() -> InputJson.object("x.json", latin))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("x.json is not UTF-8");
    assertThatThrownBy(() -> UnicodeReader.strict(ByteBuffer.wrap(latin)))
        .isInstanceOf(CharacterCodingException.class);
  }

  private static String read(UnicodeReader reader) throws IOException {
    StringWriter text = new StringWriter();
    reader.transferTo(text);
    assertThat(reader.read()).isEqualTo(-1);
    return text.toString();
  }

  /** Gives a few bytes at a time, so that characters and marks come in halves. */
  private static final class Trickle extends FilterInputStream {
    private Trickle(byte[] bytes) {
      super(new ByteArrayInputStream(bytes));
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      return super.read(into, offset, Math.min(length, 3));
    }
  }
}
