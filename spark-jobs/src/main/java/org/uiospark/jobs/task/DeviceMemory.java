package org.uiospark.jobs.task;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.NodeFailureException;

/** The memory that a device of this machine has, used or not. */
public final class DeviceMemory {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceMemory.class);
  private static final double GIB = 1 << 30;

  private DeviceMemory() {}

  /**
   * Makes sure that a device holds what training has there at the least.
   *
   * @param least in bytes
   * @throws NodeFailureException in an executor, if the device is known to be too small
   * @throws InvalidInputException if it is that of the driver, which in local mode runs the tasks
   */
  public static void require(Device device, long least) {
    long memory = of(device).orElse(Long.MAX_VALUE);
    if (memory < least) {
      throw ThisMachine.failure(
          String.format(
              Locale.ROOT,
              "the memory of %s, %.1f GiB, is too small: base model, adapter and one segment take %.1f GiB; lower --segment-length or --rank, or take a machine with more",
              device.isGpu() ? device : "this machine",
              memory / GIB,
              least / GIB),
          null);
    }
  }

  /** Bytes: of a CPU those of the machine or container; empty for a GPU that does not tell. */
  private static OptionalLong of(Device device) {
    if (!device.isGpu()) {
      return OptionalLong.of(
          ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize());
    }
    try {
      return OptionalLong.of(CudaUtils.getGpuMemory(device).getMax());
    } catch (IllegalStateException | IllegalArgumentException | LinkageError e) {
      LOG.info("The memory of {} is not known: {}", device, e.toString());
      return OptionalLong.empty();
    }
  }
}
