package org.uiospark.model.segment;

import ai.djl.Device;

/**
 * How much of a sequence a device computes at once. More rounds otherwise, so it is part of the
 * bits of a result.
 *
 * @param segments that are encoded, transferred and back-propagated as one batch, at most
 * @param logits values that are held, at most: as many take a gradient beside them
 * @param logitTokens tokens whose logits are held, at most
 */
public record AtOnce(int segments, int logits, int logitTokens) {
  /**
   * More rows make no product of a CPU faster, and the whole tape lies in memory beside them: 32
   * MiB of logits.
   */
  private static final AtOnce CPU = new AtOnce(1, 8 << 20, 128);

  /**
   * A GPU is asked for a quarter of the kernels so, and reads the LM head for enough tokens to be
   * bound by products: 256 MiB of logits.
   */
  private static final AtOnce GPU = new AtOnce(4, 64 << 20, Integer.MAX_VALUE);

  /** What suits a device. */
  public static AtOnce on(Device device) {
    return device.isGpu() ? GPU : CPU;
  }

  /**
   * Segments whose encoder graphs are alive together: no more than the memory for graphs holds, and
   * one at the least.
   *
   * @param graphs that the memory holds
   */
  public int withGraph(long graphs) {
    return (int) Math.max(1, Math.min(segments, graphs));
  }

  /**
   * Tokens whose logits are held at once.
   *
   * @param vocabulary its size
   */
  public int tokens(int vocabulary) {
    return Math.max(1, Math.min(logitTokens, logits / vocabulary));
  }
}
