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
  /** Values of a shard, 4 MiB: below it a task costs more than it adds. */
  private static final int LENGTH = 16 * Chunks.SIZE;

  /** How many there are. */
  public int count() {
    return (int) (((long) size + LENGTH - 1) / LENGTH);
  }

  /** The one in which a value lies. */
  int of(int value) {
    return value / LENGTH;
  }

  /** Index of the first value of a shard. */
  int from(int shard) {
    return shard * LENGTH;
  }

  /** Index behind the last value of a shard. */
  int to(int shard) {
    return (int) Math.min(size, (shard + 1L) * LENGTH);
  }

  /** Values of a shard. */
  int length(int shard) {
    return to(shard) - from(shard);
  }
}
