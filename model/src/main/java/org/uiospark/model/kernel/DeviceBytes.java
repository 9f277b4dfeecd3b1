package org.uiospark.model.kernel;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The values of a tensor in this machine's memory and order of bytes. */
final class DeviceBytes {
  private DeviceBytes() {}

  /** On the CPU the values themselves, from a GPU one copy; they end when the tensor is closed. */
  static ByteBuffer of(NDArray contiguous) {
    return contiguous
        .toDevice(Device.cpu(), false)
        .toByteBuffer(true)
        .order(ByteOrder.nativeOrder());
  }
}
