package org.uiospark.model.memory;

import java.io.Serializable;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.uiospark.model.input.InvalidInputException;

/**
 * What a memory file says of itself.
 *
 * @param origin what the memories were made with
 * @param tokens of the whole text
 * @param textSha256 of the text: the bytes of its file, unpacked, or of its record as UTF-8
 */
public record MemoryHeader(MemoryOrigin origin, long tokens, String textSha256)
    implements Serializable {
  private static final String FORMAT = "format";
  private static final String FORMAT_NAME = "uio-memory";
  private static final String VERSION = "format_version";
  private static final String VERSION_READ = "1";
  private static final String BASE = "base_model";
  private static final String ADAPTER = "adapter";
  private static final String LENGTH = "segment_length";
  private static final String MEMORIES = "memory_tokens";
  private static final String TOKENS = "tokens";
  private static final String TEXT = "text_sha256";
  private static final String KEYS = "keys";
  private static final String ROTATED = "rotated from position 0";
  private static final String UNROTATED = "not rotated";

  /** Whole segments of the text: so many have memories. */
  public int segments() {
    return Math.toIntExact(tokens / origin.segmentLength());
  }

  /** Rows of each tensor. */
  public int rows() {
    return Math.multiplyExact(segments(), origin.memoryTokens());
  }

  /** Tokens behind the last whole segment. */
  public int rest() {
    return (int) (tokens % origin.segmentLength());
  }

  Map<String, String> metadata(MemoryLayout layout) {
    Map<String, String> metadata = new TreeMap<>();
    metadata.put(FORMAT, FORMAT_NAME);
    metadata.put(VERSION, VERSION_READ);
    metadata.put(BASE, origin.baseModel());
    metadata.put(ADAPTER, origin.adapter());
    metadata.put(LENGTH, Integer.toString(origin.segmentLength()));
    metadata.put(MEMORIES, Integer.toString(origin.memoryTokens()));
    metadata.put(TOKENS, Long.toString(tokens));
    metadata.put(TEXT, textSha256);
    metadata.put(KEYS, layout.rotated() ? ROTATED : UNROTATED);
    return metadata;
  }

  /**
   * Reads it.
   *
   * @param where the file, for messages
   * @throws InvalidInputException if that is no memory file, or one of another version
   */
  static MemoryHeader of(String where, Map<String, String> metadata) {
    if (!FORMAT_NAME.equals(metadata.get(FORMAT))) {
      throw new InvalidInputException(where + " is no memory file; name one that memorize wrote");
    }
    if (!VERSION_READ.equals(metadata.get(VERSION))) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s has format_version %s, supported is %s; memorize the text again",
              where,
              metadata.get(VERSION),
              VERSION_READ));
    }
    int length = (int) count(where, metadata, LENGTH, 1, Integer.MAX_VALUE);
    int memories = (int) count(where, metadata, MEMORIES, 1, length);
    long mostTokens = (long) (Integer.MAX_VALUE / memories) * length;
    return new MemoryHeader(
        new MemoryOrigin(
            text(where, metadata, BASE), text(where, metadata, ADAPTER), length, memories),
        count(where, metadata, TOKENS, 0, mostTokens),
        text(where, metadata, TEXT));
  }

  /** Whether the metadata says that the keys are rotated. */
  static boolean rotated(String where, Map<String, String> metadata) {
    String keys = text(where, metadata, KEYS);
    if (!keys.equals(ROTATED) && !keys.equals(UNROTATED)) {
      throw damaged(where, KEYS + " is '" + keys + "'");
    }
    return keys.equals(ROTATED);
  }

  static InvalidInputException damaged(String where, String what) {
    return new InvalidInputException(
        String.format(Locale.ROOT, "%s is damaged: %s; memorize the text again", where, what));
  }

  private static String text(String where, Map<String, String> metadata, String key) {
    String value = metadata.get(key);
    if (value == null || value.isEmpty()) {
      throw damaged(where, key + " is missing");
    }
    return value;
  }

  private static long count(
      String where, Map<String, String> metadata, String key, long least, long most) {
    String value = text(where, metadata, key);
    try {
      long count = Long.parseLong(value);
      if (count >= least && count <= most) {
        return count;
      }
    } catch (NumberFormatException e) {
      // Said below, as for a number that is out of range.
    }
    throw damaged(where, key + " is '" + value + "'");
  }
}
