package org.uiospark.data.prep;

import java.util.concurrent.ConcurrentHashMap;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.text.TextTokenizer;

/** The tokenizers of this JVM, one for each file by its SHA-256: driver and tasks share them. */
final class SharedTokenizer {
  private static final ConcurrentHashMap<String, TextTokenizer> TOKENIZERS =
      new ConcurrentHashMap<>();

  private SharedTokenizer() {}

  /**
   * The tokenizer of a file, parsed when it is first asked for.
   *
   * @param json the content of {@code tokenizer.json}
   * @param where its name, for messages
   * @throws InvalidInputException if it is no tokenizer
   */
  static TextTokenizer of(byte[] json, String where) {
    return TOKENIZERS.computeIfAbsent(Sha256.hex(json), key -> TextTokenizer.parse(json, where));
  }
}
