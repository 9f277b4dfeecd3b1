package org.uiospark.model.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The tokenizer and the text that the tests of this package share. */
final class TinyTokenizer {
  private TinyTokenizer() {}

  static TextTokenizer load() throws IOException {
    return TextTokenizer.parse(resource("/tiny-llama/tokenizer.json"), "tokenizer.json");
  }

  static String excerpt() throws IOException {
    return new String(resource("/text/tom-sawyer-excerpt.txt"), StandardCharsets.UTF_8);
  }

  static byte[] resource(String name) throws IOException {
    try (InputStream in = TinyTokenizer.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }
}
