package org.uiospark.model.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;

/**
 * The checked header of a safetensors file: what it holds, and where.
 *
 * @param metadata the free text pairs under {@code __metadata__}
 * @param entries tensors by name, in the order of the header
 */
record SafetensorsHeader(Map<String, String> metadata, Map<String, Entry> entries) {
  /** The format's own limit on the header, in bytes. */
  static final long MAX_LENGTH = 100_000_000;

  /** Bytes before the header: its length as a little-endian 64-bit integer. */
  static final int PREFIX = 8;

  private static final String METADATA = "__metadata__";

  /**
   * One tensor.
   *
   * @param begin first byte, counted from the end of the header
   * @param end byte after the last
   */
  record Entry(DType dtype, long[] shape, long begin, long end) {}

  /** The length of the header, checked against the format's limit and the size of the file. */
  static int checkLength(String origin, long length, long fileSize) {
    if (length < 0 || length > MAX_LENGTH) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: a header of %s bytes is over the limit of %d; this is not a safetensors file",
              origin,
              Long.toUnsignedString(length),
              MAX_LENGTH));
    }
    if (length > fileSize - PREFIX) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s is truncated: expected a header of %d bytes, found %d; get the file again",
              origin,
              length,
              fileSize - PREFIX));
    }
    return (int) length;
  }

  /**
   * Reads and checks a header.
   *
   * @param origin the file, for messages
   * @param header the JSON text
   * @param dataSize bytes of the file after the header
   */
  static SafetensorsHeader parse(String origin, ByteBuffer header, long dataSize) {
    // The format's own rule, which leaves no room for a byte order mark.
    if (!header.hasRemaining() || header.get(header.position()) != '{') {
      throw new InvalidInputException(
          origin
              + ": the header is not a JSON object, for it does not begin with {; this is no safetensors file");
    }
    JsonNode root = InputJson.object(origin + ": the header", header);
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (field.getKey().equals(METADATA)) {
        readMetadata(origin, field.getValue(), metadata);
      } else {
        entries.put(field.getKey(), entry(origin, field.getKey(), field.getValue()));
      }
    }
    checkLayout(origin, entries, dataSize);
    return new SafetensorsHeader(
        Collections.unmodifiableMap(metadata), Collections.unmodifiableMap(entries));
  }

  private static void readMetadata(String origin, JsonNode node, Map<String, String> into) {
    if (!node.isObject()) {
      throw new InvalidInputException(origin + ": __metadata__ is not a JSON object");
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!field.getValue().isTextual()) {
        throw new InvalidInputException(
            origin + ": __metadata__ " + field.getKey() + " is not a string");
      }
      into.put(field.getKey(), field.getValue().textValue());
    }
  }

  private static Entry entry(String origin, String name, JsonNode node) {
    String where = origin + ": tensor " + name;
    if (!node.isObject() || !node.path("dtype").isTextual()) {
      throw new InvalidInputException(where + " has no dtype");
    }
    DType dtype = DType.named(node.get("dtype").textValue(), where);
    long[] shape = naturals(where, "shape", node.path("shape"));
    long[] offsets = naturals(where, "data_offsets", node.path("data_offsets"));
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw new InvalidInputException(where + ": data_offsets are not a begin and an end");
    }
    long size = dtype.bytes();
    try {
      for (long dimension : shape) {
        size = Math.multiplyExact(size, dimension);
      }
    } catch (ArithmeticException e) {
      throw new InvalidInputException(where + ": the shape overflows 64 bits", e);
    }
    if (offsets[1] - offsets[0] != size) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: dtype and shape need %d bytes, data_offsets span %d",
              where,
              size,
              offsets[1] - offsets[0]));
    }
    return new Entry(dtype, shape, offsets[0], offsets[1]);
  }

  private static long[] naturals(String where, String key, JsonNode node) {
    if (!node.isArray()) {
      throw new InvalidInputException(where + " has no " + key);
    }
    long[] values = new long[node.size()];
    for (int i = 0; i < values.length; i++) {
      JsonNode value = node.get(i);
      if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT, "%s: %s holds %s, which is no 64-bit count", where, key, value));
      }
      values[i] = value.longValue();
    }
    return values;
  }

  /** Tensors lie back to back and end with the file: every byte belongs to exactly one. */
  private static void checkLayout(String origin, Map<String, Entry> entries, long dataSize) {
    List<Map.Entry<String, Entry>> sorted = new ArrayList<>(entries.entrySet());
    sorted.sort(
        Comparator.<Map.Entry<String, Entry>>comparingLong(e -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    long position = 0;
    String before = "the header";
    for (Map.Entry<String, Entry> next : sorted) {
      long begin = next.getValue().begin();
      if (begin < position) {
        throw new InvalidInputException(
            String.format(Locale.ROOT, "%s: tensor %s overlaps %s", origin, next.getKey(), before));
      }
      if (begin > position) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s: a hole of %d bytes between %s and tensor %s",
                origin,
                begin - position,
                before,
                next.getKey()));
      }
      position = next.getValue().end();
      before = "tensor " + next.getKey();
    }
    if (position > dataSize) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s is truncated: expected %d bytes of tensors, found %d; get the file again",
              origin,
              position,
              dataSize));
    }
    if (position < dataSize) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: expected %d bytes of tensors, found %d; the rest belongs to no tensor",
              origin,
              position,
              dataSize));
    }
  }
}
