package org.uiospark.jobs.task;

import ai.djl.Device;
import ai.djl.engine.Engine;
import org.apache.spark.SparkConf;

/** Chooses the device that a command without Spark tasks computes on. */
public final class ComputeDevice {
  private ComputeDevice() {}

  /** The first GPU where there is one, else the CPU. */
  public static Device available() {
    return Engine.getEngine("PyTorch").getGpuCount() > 0 ? Device.gpu(0) : Device.cpu();
  }

  /** Whether Spark lends its tasks a device of the same kind, or a faster one. */
  public static boolean isMatchedByTasks(Device device, SparkConf conf) {
    return !device.isGpu() || conf.getDouble("spark.task.resource.gpu.amount", 0) > 0;
  }
}
