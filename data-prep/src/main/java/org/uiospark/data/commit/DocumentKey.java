package org.uiospark.data.commit;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import org.uiospark.model.input.Sha256;

/**
 * What makes two documents the same: 128 bits of SHA-256.
 *
 * @param high the first 64 bits
 * @param low the next 64 bits
 */
public record DocumentKey(long high, long low) implements Serializable {
  private static final int DIGITS = Long.SIZE / 4;

  /**
   * The key of a document without an id: it goes by its content.
   *
   * @param sha256 of the content, in hexadecimal digits
   */
  static DocumentKey ofContent(String sha256) {
    return new DocumentKey(
        Long.parseUnsignedLong(sha256, 0, DIGITS, 16),
        Long.parseUnsignedLong(sha256, DIGITS, 2 * DIGITS, 16));
  }

  /** The key of a document with an id. Other content under the same id is another document. */
  static DocumentKey ofId(String id, String sha256) {
    return ofContent(Sha256.hex((sha256 + id).getBytes(StandardCharsets.UTF_8)));
  }

  /** Spark places keys by it, so it must be the same in every JVM. */
  @Override
  public int hashCode() {
    return (int) low;
  }
}
