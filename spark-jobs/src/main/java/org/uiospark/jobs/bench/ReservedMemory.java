package org.uiospark.jobs.bench;

import ai.djl.Device;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.cuda.CudaUtils;
import java.util.function.LongSupplier;

/**
 * Peak of a GPU's memory. libtorch keeps what it has once taken, so what is in use at the end of a
 * measurement is the most that was; other processes on the GPU count too.
 */
final class ReservedMemory {
  private final LongSupplier used;
  private final long before;

  private ReservedMemory(LongSupplier used) {
    this.used = used;
    this.before = used.getAsLong();
  }

  /** Starts a new peak; of a CPU there is none, {@link ResidentMemory} tells its own. */
  static ReservedMemory reset(Device device) {
    return device.isGpu()
        ? reset(JniUtils::emptyCudaCache, () -> CudaUtils.getGpuMemory(device).getUsed())
        : null;
  }

  /**
   * @param giveBack has the allocator give back what it holds for later: otherwise the peak would
   *     be that of the measurement before
   * @param used bytes in use now
   */
  static ReservedMemory reset(Runnable giveBack, LongSupplier used) {
    giveBack.run();
    return new ReservedMemory(used);
  }

  /**
   * Since the reset.
   *
   * @param tasks tasks that did the work at once
   */
  ResidentMemory.Figures since(int tasks, Work work) {
    return new ResidentMemory.Figures(
        before, used.getAsLong(), tasks * work.bankBytes(), tasks * work.bankGradientBytes());
  }
}
