package org.uiospark.model.kernel;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The values of a tensor in this machine's memory and order of bytes. */
final class DeviceBytes {
  private DeviceBytes() {}

  /**
   * On the CPU the values themselves, from a GPU one copy.
   *
   * @param owner closes the copy
   */
  static ByteBuffer of(NDArray contiguous, NDManager owner) {
    NDArray here = contiguous.toDevice(Device.cpu(), false);
    if (here != contiguous) {
      here.attach(owner);
    }
    return here.toByteBuffer(true).order(ByteOrder.nativeOrder());
  }
}
