package org.uiospark.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.uiospark.model.input.InvalidInputException;

/**
 * What a {@code tokenizer.json} may describe.
 *
 * <p>The native tokenizer aborts the whole JVM on some descriptions: lengths of 0, empty patterns,
 * damaged tables, regular expressions that backtrack for ever. So only the parts that are known to
 * be safe reach it; those are all that tokenizers of the Llama family are made of.
 */
final class TokenizerDescription {
  private static final int MAX_STEPS = 64;
  private static final double MAX_GROWTH = 64;

  private static final Map<String, Set<String>> PARTS =
      Map.of(
          "normalizer",
          Set.of(
              "Sequence",
              "Prepend",
              "Replace",
              "NFC",
              "NFD",
              "NFKC",
              "NFKD",
              "Lowercase",
              "Strip",
              "StripAccents"),
          "pre_tokenizer",
          Set.of(
              "Sequence",
              "ByteLevel",
              "Metaspace",
              "Split",
              "Digits",
              "Punctuation",
              "Whitespace",
              "WhitespaceSplit"),
          "decoder",
          Set.of("Sequence", "ByteLevel", "ByteFallback", "Fuse", "Metaspace", "Replace", "Strip"),
          "model",
          Set.of("BPE", "Unigram", "WordLevel", "WordPiece"));

  /** A repeated group that repeats inside: its matches double with each character. */
  private static final Pattern NESTED_REPEAT = Pattern.compile("[*+}]\\)+[*+{]");

  /** A replaced expression must not match the empty text. */
  private static final Pattern MAY_BE_EMPTY = Pattern.compile("[*?^$|(\\\\]|\\{0|\\{,");

  private final String where;
  private int steps;
  private double growth = 1;

  private TokenizerDescription(String where) {
    this.where = where;
  }

  /**
   * Checks a file.
   *
   * @param where what to call it in an error
   * @throws InvalidInputException naming the part that is not supported
   */
  static void check(JsonNode root, String where) {
    TokenizerDescription description = new TokenizerDescription(where);
    for (String section : PARTS.keySet()) {
      if (root.hasNonNull(section)) {
        description.check(section, root.get(section));
      }
    }
  }

  private void check(String section, JsonNode part) {
    String type = part.path("type").asText();
    if (!PARTS.get(section).contains(type)) {
      throw refused(section, part.path("type") + " is not supported");
    }
    if (++steps > MAX_STEPS) {
      throw refused(section, "it has over " + MAX_STEPS + " steps");
    }
    switch (type) {
      case "Sequence" -> {
        for (String list : Set.of("normalizers", "pretokenizers", "decoders")) {
          part.path(list).forEach(step -> check(section, step));
        }
      }
      case "Prepend" -> {
        if (part.path("prepend").asText().isEmpty()) {
          throw refused(section, "Prepend of nothing");
        }
      }
      case "Replace" -> replace(section, part);
      case "Split" -> {
        String regex = part.path("pattern").path("Regex").asText();
        if (NESTED_REPEAT.matcher(regex).find()) {
          throw refused(section, "the expression " + regex + " may backtrack for ever");
        }
      }
      case "ByteLevel" -> grow(section, 2);
      case "BPE" -> {
        if (!part.path("continuing_subword_prefix").asText("").isEmpty()) {
          throw refused(section, "a BPE with continuing_subword_prefix is not supported");
        }
      }
      default -> {
        // Nothing in it can be wrong but its values, which the native side checks.
      }
    }
  }

  private void replace(String section, JsonNode part) {
    JsonNode pattern = part.path("pattern");
    String text = pattern.path("String").asText();
    String regex = pattern.path("Regex").asText();
    if (text.isEmpty() && (regex.isEmpty() || MAY_BE_EMPTY.matcher(regex).find())) {
      throw refused(section, "Replace of the pattern " + pattern + " is not supported");
    }
    grow(section, part.path("content").asText().length() / (double) Math.max(1, text.length()));
  }

  private void grow(String section, double factor) {
    growth *= Math.max(1, factor);
    if (growth > MAX_GROWTH) {
      throw refused(section, "it makes text over " + (int) MAX_GROWTH + " times as long");
    }
  }

  private InvalidInputException refused(String section, String why) {
    return new InvalidInputException(
        String.format(
            Locale.ROOT,
            "tokenizer %s: %s: %s; give the tokenizer.json of a Llama model",
            where,
            section,
            why));
  }
}
