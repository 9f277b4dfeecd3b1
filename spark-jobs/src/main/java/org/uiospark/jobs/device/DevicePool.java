package org.uiospark.jobs.device;

import ai.djl.Device;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;

/**
 * GPUs that tasks of one process share: each serves one task at a time, from when the task asks
 * until it ends.
 */
final class DevicePool {
  private final boolean empty;
  private final BlockingQueue<Device> free;
  private final Map<Long, Device> lent = new ConcurrentHashMap<>();

  DevicePool(List<Device> devices) {
    this.empty = devices.isEmpty();
    this.free = new LinkedBlockingQueue<>(devices);
  }

  /**
   * The device of a task; the CPU where there are no GPUs at all. A task that was killed stops
   * waiting.
   */
  Device lend(TaskContext context) {
    if (empty) {
      return Device.cpu();
    }
    long task = context.taskAttemptId();
    Device held = lent.get(task);
    if (held != null) {
      return held;
    }
    Device device = take(context);
    lent.put(task, device);
    // Spark tells those first that asked last: what was made on the device is closed before this.
    TaskCompletionListener giveBack = done -> free.add(lent.remove(task));
    context.addTaskCompletionListener(giveBack);
    return device;
  }

  private Device take(TaskContext context) {
    try {
      while (true) {
        context.killTaskIfInterrupted();
        Device device = free.poll(100, TimeUnit.MILLISECONDS);
        if (device != null) {
          return device;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      context.killTaskIfInterrupted();
      throw new IllegalStateException("interrupted while waiting for a GPU", e);
    }
  }
}
