package org.uiospark.jobs.device;

import ai.djl.Device;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.uiospark.model.input.NodeFailureException;

/** The device that a task computes on. */
public final class TaskDevice {
  private TaskDevice() {}

  /** Those of local mode, where Spark lends none. */
  private static final class Local {
    private static final DevicePool POOL = new DevicePool(ComputeDevice.gpus());
  }

  /** Those of an executor; its environment is the same for all its tasks. */
  private static final class Executor {
    private static final VisibleDevices VISIBLE = VisibleDevices.ofProcess();
  }

  /**
   * The device of a task until it ends, the same whenever it asks: the GPU that Spark lends it; in
   * local mode a GPU of this machine that no other task computes on, for which it may wait; else
   * the CPU.
   *
   * @throws NodeFailureException if Spark lends a GPU that this process does not see
   */
  public static Device of(TaskContext context) {
    ResourceInformation gpu = context.resourcesJMap().get("gpu");
    if (gpu != null) {
      return Device.gpu(Executor.VISIBLE.ordinal(gpu.addresses()[0]));
    }
    return isOfDriver() ? Local.POOL.lend(context) : Device.cpu();
  }

  /** Only in local mode do tasks run in the process of the driver. */
  private static boolean isOfDriver() {
    return "driver".equals(SparkEnv.get().executorId());
  }
}
