package org.uiospark.jobs.plan;

import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;

/**
 * The Java heaps that a step needs. Past {@code train.collect-size} they follow from the values of
 * the adapter alone, and do not grow with the number of sequences.
 *
 * @param values of the adapter
 * @param taken bytes of gradients of lanes that the driver takes itself
 * @param part the largest part that a chunk leaves for another, in bytes
 */
public record StepHeap(int values, long taken, long part) {
  /**
   * Adapter, its blocks for the network, two moments, the mean gradient, shards on their way in,
   * and the copy of adapter and moments that a checkpoint is written from.
   */
  private static final int DRIVER_VECTORS = 9;

  /** Gradients that the driver takes: as they come, as Spark reads them, and as they are added. */
  private static final int TAKEN_COPIES = 3;

  /** Adapter, its blocks, and shards that are added, or a small gradient on its way out. */
  private static final int EXECUTOR_VECTORS = 3;

  /** Of parts of chunks: one on its way, and the one before it, which is not collected yet. */
  private static final int EXECUTOR_PARTS = 2;

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
    return executorBytes() + SPARK_BYTES;
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
    if (heap < executorBytes()) {
      throw tooSmall("executor", heap, executor(), "give --spark spark.executor.memory");
    }
  }

  private long executorBytes() {
    return EXECUTOR_VECTORS * vectorBytes() + EXECUTOR_PARTS * part;
  }

  private long driverBytes() {
    return DRIVER_VECTORS * vectorBytes() + TAKEN_COPIES * taken;
  }

  private InvalidInputException tooSmall(String who, long heap, long need, String how) {
    boolean chunks = who.equals("executor") && part > 0;
    return new InvalidInputException(
        String.format(
            Locale.ROOT,
            "the heap of the %s, %d MiB, is too small for an adapter of %,d values%s; %s=%dm, or lower %s",
            who,
            heap >> 20,
            values,
            chunks
                ? String.format(Locale.ROOT, " and chunks that leave up to %,d bytes", part)
                : "",
            how,
            (need >> 20) + 1,
            chunks ? "--chunk-segments" : "--rank"));
  }
}
