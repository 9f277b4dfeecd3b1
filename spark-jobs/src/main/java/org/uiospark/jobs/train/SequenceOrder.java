package org.uiospark.jobs.train;

import java.util.SplittableRandom;
import org.uiospark.model.estimator.Estimator;

/**
 * Which sequences a step sees: each epoch is a permutation of the data set, drawn from the seed and
 * the epoch alone, and batches are cut from one epoch after the other without a gap.
 *
 * <p>Nothing is kept from step to step, so a run that is resumed needs its step and no more. Not
 * safe for use by several threads.
 */
final class SequenceOrder {
  private final int size;
  private final long seed;
  private long drawnEpoch = -1;
  private int[] drawn;

  /**
   * @param size sequences of the data set, at least 1
   */
  SequenceOrder(int size, long seed) {
    if (size < 1) {
      throw new IllegalArgumentException("a data set of " + size + " sequences has no order");
    }
    this.size = size;
    this.seed = seed;
  }

  /** Data set indices of the global batch of a step, both counted from 0. */
  long[] batch(long step, int batch) {
    long[] indices = new long[batch];
    for (int i = 0; i < batch; i++) {
      indices[i] = at(step * batch + i);
    }
    return indices;
  }

  /** The epoch, from 0, that the batch of a step begins in. */
  long epoch(long step, int batch) {
    return step * batch / size;
  }

  private long at(long position) {
    long epoch = position / size;
    if (epoch != drawnEpoch) {
      drawn = permutation(epoch);
      drawnEpoch = epoch;
    }
    return drawn[(int) (position % size)];
  }

  private int[] permutation(long epoch) {
    SplittableRandom random = Estimator.keyed(seed, epoch, -1);
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int other = random.nextInt(i + 1);
      order[i] = order[other];
      order[other] = i;
    }
    return order;
  }
}
