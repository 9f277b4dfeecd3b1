package org.uiospark.jobs.train.step;

import ai.djl.Device;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.DeviceAdapter;

/**
 * The adapter of a step on a device of this executor: the first lane uploads it, the others share
 * it. It stays until a lane of another step needs its place and its own lanes have let go.
 */
final class UploadedAdapter implements AutoCloseable {
  private static final Map<Device, UploadedAdapter> CURRENT = new ConcurrentHashMap<>();

  private final String step;
  private final DeviceAdapter adapter;
  private int users = 1;

  private UploadedAdapter(String step, DeviceAdapter adapter) {
    this.step = step;
    this.adapter = adapter;
  }

  /**
   * The adapter of a step, for a lane that closes it when it has its gradient.
   *
   * @param step a name of the step of this run that no other has
   * @param upload asked where this is the first lane
   */
  static UploadedAdapter take(String step, Device device, Supplier<DeviceAdapter> upload) {
    return CURRENT.compute(
        device,
        (same, current) -> {
          if (current != null && current.step.equals(step)) {
            return current.taken();
          }
          if (current != null) {
            current.close();
          }
          return new UploadedAdapter(step, upload.get()).taken();
        });
  }

  private synchronized UploadedAdapter taken() {
    users++;
    return this;
  }

  /** A gradient of zeros; it must be closed before this is. */
  AdapterGradient newGradient() {
    return adapter.newGradient();
  }

  /** Lets go; the last one frees the device. */
  @Override
  public synchronized void close() {
    if (--users == 0) {
      adapter.close();
    }
  }
}
