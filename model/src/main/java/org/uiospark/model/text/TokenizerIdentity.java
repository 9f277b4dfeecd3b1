package org.uiospark.model.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;

/**
 * Which tokenizer it is. The file of one and the same tokenizer has other bytes after another
 * version of its library saved it, so there is a fingerprint of what gives a text its ids, too.
 *
 * @param sha256 of the file, in hexadecimal digits; empty if it is not known
 * @param fingerprint SHA-256 of vocabulary, merges, normalizer, pre-tokenizer and added tokens,
 *     however they are written; empty if it is not known
 */
public record TokenizerIdentity(String sha256, String fingerprint) implements Serializable {
  /** Stands for tokens that came from no tokenizer, or whose tokenizer was not noted. */
  public static final TokenizerIdentity UNKNOWN = new TokenizerIdentity("", "");

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Keys whose value is false where they are absent, as in files of older versions. */
  private static final Set<String> UNLESS = Set.of("fuse_unk", "byte_fallback", "ignore_merges");

  /**
   * Reads the identity of a file.
   *
   * @param json content of a {@code tokenizer.json}
   * @param where what to call it in an error
   * @throws InvalidInputException if it is no JSON object
   */
  public static TokenizerIdentity of(byte[] json, String where) {
    JsonNode root = InputJson.object("tokenizer " + where, json);
    ObjectNode parts = JSON.createObjectNode();
    for (String part : List.of("normalizer", "pre_tokenizer", "model")) {
      if (root.hasNonNull(part)) {
        parts.set(part, root.get(part));
      }
    }
    List<JsonNode> added = new ArrayList<>();
    root.path("added_tokens").forEach(added::add);
    added.sort(Comparator.comparingInt(token -> token.path("id").asInt()));
    parts.putArray("added_tokens").addAll(added);
    try {
      byte[] canonical = JSON.writeValueAsBytes(canonical(parts));
      return new TokenizerIdentity(Sha256.hex(json), Sha256.hex(canonical));
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(
          String.format(Locale.ROOT, "tokenizer %s cannot be written", where), e);
    }
  }

  /** Whether anything is known of the tokenizer. */
  public boolean isKnown() {
    return !sha256.isEmpty();
  }

  /** Whether a text has the same ids in both, as far as that is known. */
  public boolean isSame(TokenizerIdentity other) {
    return sha256.equals(other.sha256)
        || (!fingerprint.isEmpty() && fingerprint.equals(other.fingerprint));
  }

  /** Keys in order, without those whose value is what the library takes where they are absent. */
  private static JsonNode canonical(JsonNode node) {
    if (node.isArray()) {
      ArrayNode list = JSON.createArrayNode();
      node.forEach(item -> list.add(canonical(item)));
      return list;
    }
    if (!node.isObject()) {
      return node;
    }
    ObjectNode sorted = JSON.createObjectNode();
    TreeSet<String> keys = new TreeSet<>();
    node.fieldNames().forEachRemaining(keys::add);
    for (String key : keys) {
      JsonNode value = node.get(key);
      if (key.equals("merges")) {
        sorted.set(key, merges(value));
      } else if (!value.isNull() && !(UNLESS.contains(key) && !value.asBoolean())) {
        sorted.set(key, canonical(value));
      }
    }
    return sorted;
  }

  /** Pairs, which older versions wrote as one text with a space between. */
  private static JsonNode merges(JsonNode merges) {
    ArrayNode pairs = JSON.createArrayNode();
    for (JsonNode merge : merges) {
      if (merge.isTextual()) {
        ArrayNode pair = pairs.addArray();
        for (String side : merge.textValue().split(" ", 2)) {
          pair.add(side);
        }
      } else {
        pairs.add(merge);
      }
    }
    return pairs;
  }
}
