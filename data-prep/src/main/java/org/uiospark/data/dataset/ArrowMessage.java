package org.uiospark.data.dataset;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.Optional;
import org.apache.arrow.flatbuf.Message;

/**
 * A message of an Arrow stream, found to lie in it.
 *
 * @param header says what it is
 * @param body where its body begins
 * @param bodyLength bytes, below 2 GiB
 */
record ArrowMessage(Message header, long body, int bodyLength) {
  /** The marker of a message, and the length of its header. */
  static final int PREFIX = 8;

  private static final int MAX_METADATA = 16 << 20;

  /** Where the bytes of a stream come from. */
  @FunctionalInterface
  interface Bytes {
    /** Some of them. */
    ByteBuffer read(long at, int length) throws IOException;
  }

  /**
   * The message at a place; none where the stream ends.
   *
   * @param size of the stream
   * @throws IllegalArgumentException if none begins there, or it does not lie in the stream
   */
  static Optional<ArrowMessage> at(long at, long size, Bytes bytes) throws IOException {
    if (at + PREFIX > size) {
      return Optional.empty();
    }
    ByteBuffer prefix = bytes.read(at, PREFIX).order(ByteOrder.LITTLE_ENDIAN);
    int length = prefix.getInt(4);
    if (prefix.getInt(0) != -1) {
      throw new IllegalArgumentException("it is not an Arrow stream at byte " + at);
    }
    if (length == 0) {
      return Optional.empty();
    }
    if (length < 0 || length > MAX_METADATA || length > size - at - PREFIX) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "a header of %d bytes at byte %d", length, at));
    }
    Message message =
        Message.getRootAsMessage(bytes.read(at + PREFIX, length).order(ByteOrder.LITTLE_ENDIAN));
    long body = at + PREFIX + length;
    long bodyLength = message.bodyLength();
    if (bodyLength < 0 || bodyLength > size - body || bodyLength > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "a body of %d bytes at byte %d", bodyLength, body));
    }
    return Optional.of(new ArrowMessage(message, body, (int) bodyLength));
  }

  /** What is wrong with one that has no place where it is. */
  IllegalArgumentException misplaced(long at) {
    return new IllegalArgumentException(
        String.format(Locale.ROOT, "a message of type %d at byte %d", header.headerType(), at));
  }
}
