package org.uiospark.model.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;

/**
 * A HuggingFace {@code tokenizer.json}, whole text in, token ids out: nothing is truncated, padded
 * or added. Safe for use by many threads at once.
 */
public final class TextTokenizer implements AutoCloseable {
  private static final Map<String, String> OPTIONS =
      Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");

  private final HuggingFaceTokenizer tokenizer;
  private final int vocabularySize;
  private final String where;

  private TextTokenizer(HuggingFaceTokenizer tokenizer, int vocabularySize, String where) {
    this.tokenizer = tokenizer;
    this.vocabularySize = vocabularySize;
    this.where = where;
  }

  /**
   * Reads a tokenizer from a local file.
   *
   * @throws InvalidInputException if the file is missing or is not a tokenizer
   */
  public static TextTokenizer load(Path tokenizerJson) {
    if (!Files.isRegularFile(tokenizerJson)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "tokenizer %s %s; give the tokenizer.json of the model",
              tokenizerJson,
              Files.exists(tokenizerJson) ? "is not a file" : "does not exist"));
    }
    return parse(InputJson.bytes(tokenizerJson), tokenizerJson.toString());
  }

  /**
   * Reads a tokenizer from the content of its file.
   *
   * @param json the bytes of a {@code tokenizer.json}
   * @param where what to call it in an error
   * @throws InvalidInputException if it is not a tokenizer
   */
  public static TextTokenizer parse(byte[] json, String where) {
    try {
      ObjectNode root = (ObjectNode) InputJson.object("tokenizer " + where, json);
      TokenizerDescription.check(root, where);
      int size = vocabularySize(root, where);
      // Nothing is cut, padded or added here, so the native side need not read how.
      root.putNull("truncation").putNull("padding").putNull("post_processor");
      byte[] used = new ObjectMapper().writeValueAsBytes(root);
      HuggingFaceTokenizer tokenizer =
          HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(used), OPTIONS);
      return new TextTokenizer(tokenizer, size, where);
    } catch (InvalidInputException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "tokenizer %s is not a tokenizer.json of HuggingFace: %s",
              where,
              e.getMessage()),
          e);
    }
  }

  private static int vocabularySize(JsonNode root, String where) {
    int largest = -1;
    JsonNode vocabulary = root.path("model").path("vocab");
    // Unigram models list [piece, score] pairs, whose index is the id; the others map piece to id.
    if (vocabulary.isArray()) {
      largest = vocabulary.size() - 1;
    }
    if (vocabulary.isObject()) {
      for (JsonNode id : vocabulary) {
        largest = Math.max(largest, id(id, where));
      }
    }
    for (JsonNode added : root.path("added_tokens")) {
      largest = Math.max(largest, id(added.path("id"), where));
    }
    if (largest < 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "tokenizer %s has no vocabulary; give the tokenizer.json of the model",
              where));
    }
    return largest + 1;
  }

  private static int id(JsonNode id, String where) {
    boolean valid = id.isIntegralNumber() && id.canConvertToInt() && id.intValue() >= 0;
    if (!valid || id.intValue() == Integer.MAX_VALUE) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT, "tokenizer %s has the token id %s; an id is a count from 0", where, id));
    }
    return id.intValue();
  }

  /**
   * Token ids of a text, without special tokens. Lone surrogates count as U+FFFD.
   *
   * @throws UnencodableTextException if the tokenizer has no token for it
   */
  public int[] encode(String text) {
    if (text.isEmpty()) {
      return new int[0];
    }
    // Straight to the native ids: Encoding would also build a string and a span for each token.
    long handle = encoding(text);
    try {
      return ids(handle);
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(handle);
    }
  }

  /**
   * The same with the place of each token. The whole text is held several times over: some 100
   * bytes a character.
   */
  public SpannedTokens encodeWithSpans(String text) {
    if (text.isEmpty()) {
      return new SpannedTokens(new int[0], new int[0], new int[0]);
    }
    long handle = encoding(text);
    try {
      int[] ids = ids(handle);
      CharSpan[] spans = TokenizersLibrary.LIB.getTokenCharSpans(handle);
      int[] chars = text.codePoints().anyMatch(point -> point > 0xFFFF) ? chars(text) : null;
      int[] starts = new int[ids.length];
      int[] ends = new int[ids.length];
      for (int i = 0; i < ids.length; i++) {
        starts[i] = chars == null ? spans[i].getStart() : chars[spans[i].getStart()];
        ends[i] = chars == null ? spans[i].getEnd() : chars[spans[i].getEnd()];
      }
      return new SpannedTokens(ids, starts, ends);
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(handle);
    }
  }

  /**
   * A text taken apart.
   *
   * @param ids of its tokens
   * @param words for each token, the piece of the text that it was made in, apart from the others
   */
  record Pieces(long[] ids, long[] words) {}

  /** As {@link #encode}, with what the tokenizer cut the text into before. */
  Pieces pieces(String text) {
    long handle = encoding(text);
    try {
      return new Pieces(
          TokenizersLibrary.LIB.getTokenIds(handle), TokenizersLibrary.LIB.getWordIds(handle));
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(handle);
    }
  }

  /** The {@code char} at which each code point begins, and the length. */
  private static int[] chars(String text) {
    int[] chars = new int[text.codePointCount(0, text.length()) + 1];
    for (int i = 0, at = 0; i < chars.length; i++) {
      chars[i] = at;
      at += at < text.length() ? Character.charCount(text.codePointAt(at)) : 0;
    }
    return chars;
  }

  private int[] ids(long handle) {
    long[] wide = TokenizersLibrary.LIB.getTokenIds(handle);
    int[] ids = new int[wide.length];
    for (int i = 0; i < ids.length; i++) {
      if (wide[i] >= vocabularySize) {
        throw new UnencodableTextException(
            "tokenizer " + where,
            String.format(
                Locale.ROOT,
                "it gave token %d, beyond its vocabulary of %d",
                wide[i],
                vocabularySize),
            null);
      }
      ids[i] = (int) wide[i];
    }
    return ids;
  }

  private long encoding(String text) {
    try {
      return TokenizersLibrary.LIB.encode(tokenizer.getHandle(), wellFormed(text), false);
    } catch (RuntimeException e) {
      throw new UnencodableTextException(
          "tokenizer " + where, "it cannot encode a text: " + e.getMessage(), e);
    }
  }

  /** How errors name this tokenizer. */
  String where() {
    return where;
  }

  /** The text of token ids, special tokens included. */
  public String decode(int[] ids) {
    if (ids.length == 0) {
      return "";
    }
    long[] wide = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      wide[i] = ids[i];
    }
    return tokenizer.decode(wide, false);
  }

  /** Largest id + 1, added tokens included. */
  public int vocabularySize() {
    return vocabularySize;
  }

  /**
   * Refuses a model that lacks an embedding for any of the tokens.
   *
   * @param modelVocabulary rows of its embedding
   */
  public void requireFit(int modelVocabulary) {
    if (vocabularySize > modelVocabulary) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "the tokenizer has %d tokens, the model a vocabulary of %d; use the model's own tokenizer",
              vocabularySize,
              modelVocabulary));
    }
  }

  @Override
  public void close() {
    tokenizer.close();
  }

  /** A lone surrogate is no character: the native side would refuse the whole text. */
  private static String wellFormed(String text) {
    int lone = loneSurrogate(text, 0);
    if (lone < 0) {
      return text;
    }
    StringBuilder mended = new StringBuilder(text);
    while (lone >= 0) {
      mended.setCharAt(lone, '\uFFFD');
      lone = loneSurrogate(mended, lone + 1);
    }
    return mended.toString();
  }

  private static int loneSurrogate(CharSequence text, int from) {
    for (int i = from; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (i + 1 < text.length()
            && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
          i++;
        } else {
          return i;
        }
      }
    }
    return -1;
  }
}
