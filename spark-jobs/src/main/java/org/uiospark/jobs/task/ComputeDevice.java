package org.uiospark.jobs.task;

import ai.djl.Device;
import ai.djl.engine.Engine;

/** Where a command without Spark tasks computes. */
public final class ComputeDevice {
  private ComputeDevice() {}

  /** The first GPU where there is one, else the CPU. */
  public static Device available() {
    return Engine.getEngine("PyTorch").getGpuCount() > 0 ? Device.gpu(0) : Device.cpu();
  }
}
