package org.uiospark.jobs.train.reduce;

import java.io.Serializable;
import org.uiospark.model.optim.Chunks;

/**
 * A vector cut into shards of equal size, the last one shorter. The cut follows from the size of
 * the vector alone, never from the cluster, and no chunk of {@link Chunks} lies in two shards.
 *
 * @param size values of the vector
 */
public record Shards(int size) implements Serializable {
  /** Values of a shard at least, 4 MiB: below it a task costs more than it adds. */
  private static final int LEAST = 16 * Chunks.SIZE;

  /**
   * Shards at most. With one more partition for the reports of the lanes these are the 200 that
   * Spark's shuffle writes one after the other; it sorts the records of more.
   */
  private static final int MOST = 199;

  /** How many there are. */
  public int count() {
    return (int) (((long) size + length() - 1) / length());
  }

  /** Index of the first value of a shard. */
  int from(int shard) {
    return shard * length();
  }

  /** Index behind the last value of a shard. */
  int to(int shard) {
    return (int) Math.min(size, (shard + 1L) * length());
  }

  /** Values of a shard. */
  int length(int shard) {
    return to(shard) - from(shard);
  }

  private int length() {
    int chunks = (Chunks.count(size) + MOST - 1) / MOST;
    return Math.max(LEAST, chunks * Chunks.SIZE);
  }
}
