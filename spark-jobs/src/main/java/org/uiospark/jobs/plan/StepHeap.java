package org.uiospark.jobs.plan;

import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;

/**
 * The Java heaps that a step needs. Past {@code train.collect-size} they follow from the values of
 * the adapter alone, and do not grow with the number of sequences.
 *
 * @param values of the adapter
 * @param taken bytes of gradients of lanes that the driver takes itself
 */
public record StepHeap(int values, long taken) {
  /**
   * Adapter, its blocks for the network, two moments, the mean gradient, shards on their way in,
   * and the copy of adapter and moments that a checkpoint is written from.
   */
  private static final int DRIVER_VECTORS = 9;

  /** Gradients that the driver takes: as they come, as Spark reads them, and as they are added. */
  private static final int TAKEN_COPIES = 3;

  /** Adapter, its blocks, and shards that are added, or a small gradient on its way out. */
  private static final int EXECUTOR_VECTORS = 3;

  /** For Spark itself. */
  private static final long SPARK_BYTES = 300L << 20;

  /** Of one vector. */
  long vectorBytes() {
    return (long) Float.BYTES * values;
  }

  /** Heap of the driver, in bytes. */
  long driver() {
    return driverBytes() + SPARK_BYTES;
  }

  /** Heap of an executor, in bytes. */
  long executor() {
    return EXECUTOR_VECTORS * vectorBytes() + SPARK_BYTES;
  }

  /**
   * Makes sure that the driver's heap holds what it has to.
   *
   * @param heap that there is, in bytes
   * @throws InvalidInputException naming the size that is needed
   */
  public void requireDriver(long heap) {
    if (heap < driverBytes()) {
      throw tooSmall("driver", heap, driver(), "set UIO_DRIVER_MEMORY");
    }
  }

  /**
   * The same of an executor's.
   *
   * @throws InvalidInputException naming the size that is needed
   */
  public void requireExecutor(long heap) {
    if (heap < EXECUTOR_VECTORS * vectorBytes()) {
      throw tooSmall("executor", heap, executor(), "give --spark spark.executor.memory");
    }
  }

  private long driverBytes() {
    return DRIVER_VECTORS * vectorBytes() + TAKEN_COPIES * taken;
  }

  private InvalidInputException tooSmall(String who, long heap, long need, String how) {
    return new InvalidInputException(
        String.format(
            Locale.ROOT,
            "the heap of the %s, %d MiB, is too small for an adapter of %,d values; %s=%dm, or lower --rank",
            who,
            heap >> 20,
            values,
            how,
            (need >> 20) + 1));
  }
}
