package org.uiospark.model.input;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * JSON that others wrote. It is UTF-8, or has a byte order mark; it is one value, no key twice, at
 * most 1000 deep; a record takes every component by its own type, none missing. Whatever else it is
 * ends in one line that names the file.
 */
public final class InputJson {
  /** Over ten times the largest tokenizer.json of the common models. */
  private static final int MAX_BYTES = 512 << 20;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build();

  private InputJson() {}

  /**
   * The bytes of a local file.
   *
   * @throws InvalidInputException if it is missing, no regular file, or over 512 MiB
   */
  public static byte[] bytes(Path file) {
    // A pipe or a device would be read for ever.
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(
          file + (Files.exists(file) ? " is not a regular file" : " does not exist"));
    }
    try (InputStream in = Files.newInputStream(file)) {
      return bytes(file.toString(), in);
    } catch (IOException e) {
      throw new InvalidInputException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * What is left of a stream, which stays open.
   *
   * @param origin the file, for messages
   * @throws InvalidInputException if that is over 512 MiB
   */
  public static byte[] bytes(String origin, InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(MAX_BYTES + 1);
    if (bytes.length > MAX_BYTES) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s is over %d MiB, too large for what it should be",
              origin,
              MAX_BYTES >> 20));
    }
    return bytes;
  }

  /**
   * The object of a local file.
   *
   * @throws InvalidInputException if it cannot be read or is no JSON object
   */
  public static JsonNode object(Path file) {
    return object(file.toString(), bytes(file));
  }

  /**
   * A JSON object.
   *
   * @param origin the file, for messages
   * @throws InvalidInputException if it is none
   */
  public static JsonNode object(String origin, byte[] json) {
    return object(origin, ByteBuffer.wrap(json));
  }

  /** As {@link #object(String, byte[])}, from a buffer, whose position moves. */
  public static JsonNode object(String origin, ByteBuffer json) {
    try {
      JsonNode root = JSON.readTree(text(origin, json));
      if (!root.isObject()) {
        throw new InvalidInputException(origin + " is not a JSON object");
      }
      return root;
    } catch (JsonProcessingException e) {
      throw malformed(origin, e);
    }
  }

  /**
   * A record.
   *
   * @param origin the file, for messages
   * @throws InvalidInputException if the JSON is malformed, does not have just the components, or
   *     the record refuses them
   */
  public static <T extends Record> T record(String origin, byte[] json, Class<T> type) {
    String text = text(origin, ByteBuffer.wrap(json));
    try {
      T value = JSON.readValue(text, type);
      if (value == null) {
        throw new InvalidInputException(origin + " is not a JSON object");
      }
      return value;
    } catch (JsonMappingException e) {
      String reason =
          e.getCause() instanceof InvalidInputException refused
              ? refused.getMessage()
              : e.getOriginalMessage() + at(e);
      throw new InvalidInputException(origin + ": " + reason, e);
    } catch (JsonProcessingException e) {
      throw malformed(origin, e);
    }
  }

  private static String text(String origin, ByteBuffer json) {
    try {
      return UnicodeReader.strict(json);
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(origin + " is not UTF-8; convert it to UTF-8", e);
    }
  }

  private static InvalidInputException malformed(String origin, JsonProcessingException e) {
    return new InvalidInputException(
        String.format(
            Locale.ROOT, "%s is not valid JSON: %s%s", origin, e.getOriginalMessage(), at(e)),
        e);
  }

  private static String at(JsonProcessingException e) {
    return e.getLocation() == null
        ? ""
        : String.format(
            Locale.ROOT,
            " (line %d, column %d)",
            e.getLocation().getLineNr(),
            e.getLocation().getColumnNr());
  }
}
