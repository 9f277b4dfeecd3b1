package org.uiospark.model.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * Direct memory that values pass through on their way to a device. It is used again, for only the
 * JVM's collector could free it.
 */
final class Staging {
  private final Queue<ByteBuffer> free = new ConcurrentLinkedQueue<>();

  /**
   * Lends memory.
   *
   * @param bytes it has at least, in this machine's order; empty at first
   */
  void lend(int bytes, Consumer<ByteBuffer> use) {
    ByteBuffer buffer = free.poll();
    if (buffer == null || buffer.capacity() < bytes) {
      buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
    try {
      use.accept(buffer.clear());
    } finally {
      free.add(buffer);
    }
  }
}
