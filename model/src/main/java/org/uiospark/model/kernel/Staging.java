package org.uiospark.model.kernel;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * Direct memory that values pass through on their way to a device, which is used again, for only
 * the JVM's collector could free it; and their way back.
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

  /**
   * The values of a tensor in this machine's memory and order of bytes: on the CPU the values
   * themselves, from a GPU one copy.
   *
   * @param owner closes the copy
   */
  static ByteBuffer back(NDArray contiguous, NDManager owner) {
    NDArray here = contiguous.toDevice(Device.cpu(), false);
    if (here != contiguous) {
      here.attach(owner);
    }
    return here.toByteBuffer(true).order(ByteOrder.nativeOrder());
  }
}
