package org.uiospark.jobs.generate;

import ai.djl.Device;
import ai.djl.engine.Engine;
import org.uiospark.model.memory.BasePrecision;

/**
 * Where a command without Spark tasks computes.
 *
 * @param device of weights and tensors
 * @param precision of the frozen weights
 */
public record ComputeDevice(Device device, BasePrecision precision) {

  /** The first GPU with bfloat16 weights where there is one, else the CPU with float32. */
  public static ComputeDevice available() {
    return Engine.getEngine("PyTorch").getGpuCount() > 0
        ? new ComputeDevice(Device.gpu(0), BasePrecision.BFLOAT16)
        : new ComputeDevice(Device.cpu(), BasePrecision.FLOAT32);
  }
}
