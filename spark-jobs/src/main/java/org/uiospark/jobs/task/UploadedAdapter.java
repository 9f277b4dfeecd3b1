package org.uiospark.jobs.task;

import ai.djl.Device;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryModel;

/**
 * The adapter of a step on a device of this executor: the first lane uploads it, the others share
 * it. The next step takes its place, and the gradients of its lanes theirs, so the device holds one
 * adapter and a gradient a task, and fresh pages are touched in the first step alone.
 */
public final class UploadedAdapter implements AutoCloseable {
  private static final Map<Device, UploadedAdapter> CURRENT = new ConcurrentHashMap<>();

  private final MemoryModel model;
  private final DeviceAdapter adapter;
  private final Deque<AdapterGradient> free = new ArrayDeque<>();
  private String step;
  private int users = 1;

  private UploadedAdapter(MemoryModel model, String step, Adapter values) {
    this.model = model;
    this.step = step;
    this.adapter = model.upload(values);
  }

  /**
   * The adapter of a step, for a lane that closes it when it is done.
   *
   * @param step a name of the step of this run that no other has
   * @param values asked where this is the first lane
   */
  public static UploadedAdapter take(
      String step, Device device, MemoryModel model, Supplier<Adapter> values) {
    return CURRENT.compute(
        device,
        (same, current) -> {
          if (current != null && current.take(step, model, values)) {
            return current;
          }
          // If it cannot be made, what is there stays as it is, lanes that use it among them.
          UploadedAdapter fresh = new UploadedAdapter(model, step, values.get());
          if (current != null) {
            current.close();
          }
          fresh.users++;
          return fresh;
        });
  }

  /** False if lanes of another step still use it, or it is another model's. */
  private synchronized boolean take(String wanted, MemoryModel of, Supplier<Adapter> values) {
    boolean idle = users == 1 && model == of;
    if (!step.equals(wanted) && !idle) {
      return false;
    }
    if (!step.equals(wanted)) {
      model.overwrite(adapter, values.get());
      step = wanted;
    }
    users++;
    return true;
  }

  /** The adapter itself. */
  public DeviceAdapter adapter() {
    return adapter;
  }

  /** A gradient of zeros, to be given back before the adapter is closed. */
  public synchronized AdapterGradient takeGradient() {
    AdapterGradient gradient = free.poll();
    if (gradient == null) {
      return adapter.newGradient();
    }
    gradient.clear();
    return gradient;
  }

  /** Keeps a gradient for the next who asks. */
  public synchronized void giveBack(AdapterGradient gradient) {
    free.push(gradient);
  }

  /** Lets go; the last one frees the device. */
  @Override
  public synchronized void close() {
    if (--users == 0) {
      free.forEach(AdapterGradient::close);
      adapter.close();
    }
  }
}
