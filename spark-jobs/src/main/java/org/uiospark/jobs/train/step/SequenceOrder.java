package org.uiospark.jobs.train.step;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import org.uiospark.model.estimator.KeyedRandom;

/**
 * Which sequences a step sees. Batches are cut from one endless run of positions without a gap.
 * Each position takes a data set, drawn by weight from the seed and the position alone, and of that
 * data set the sequence that is next: each of its epochs is a permutation, drawn from the seed and
 * the epoch alone.
 *
 * <p>Nothing is kept from step to step that could not be counted again from the start, so a run
 * that is resumed needs its step and no more. Not safe for use by several threads.
 */
public final class SequenceOrder {
  /** Keeps the draws of data sets apart from all others of the seed. */
  private static final long MIXING = 0x6d697874757265L;

  private final int[] sizes;
  private final double[] weights;
  private final long seed;
  private final long[] taken;
  private final long[] drawnEpoch;
  private final int[][] drawn;
  private long next;

  /**
   * @param sizes sequences of each data set, at least 1; an index counts through all of them
   * @param weights shares of the data sets, each above 0
   */
  public SequenceOrder(int[] sizes, double[] weights, long seed) {
    if (sizes.length != weights.length || Arrays.stream(sizes).anyMatch(size -> size < 1)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "sizes %s and weights %s have no order",
              Arrays.toString(sizes),
              Arrays.toString(weights)));
    }
    this.sizes = sizes.clone();
    this.weights = weights.clone();
    this.seed = seed;
    this.taken = new long[sizes.length];
    this.drawnEpoch = new long[sizes.length];
    this.drawn = new int[sizes.length][];
  }

  /** Indices of the global batch of a step, both counted from 0. */
  long[] batch(long step, int batch) {
    seek(step * batch);
    long[] indices = new long[batch];
    for (int i = 0; i < batch; i++) {
      int set = set(next++);
      indices[i] = before(set) + at(set, taken[set]++);
    }
    return indices;
  }

  /** How often, from 0, as many sequences as all data sets have were read before a step. */
  long epoch(long step, int batch) {
    return step * batch / before(sizes.length);
  }

  /** Counts what every data set gave before a position. */
  private void seek(long position) {
    if (sizes.length == 1) {
      taken[0] = position;
      next = position;
    }
    if (position < next) {
      Arrays.fill(taken, 0);
      next = 0;
    }
    while (next < position) {
      taken[set(next++)]++;
    }
  }

  private int set(long position) {
    if (sizes.length == 1) {
      return 0;
    }
    double left = KeyedRandom.of(seed ^ MIXING, position, 0).nextDouble();
    left *= Arrays.stream(weights).sum();
    for (int set = 0; set < weights.length - 1; set++) {
      left -= weights[set];
      if (left < 0) {
        return set;
      }
    }
    return weights.length - 1;
  }

  private long before(int set) {
    return Arrays.stream(sizes, 0, set).asLongStream().sum();
  }

  private int at(int set, long position) {
    long epoch = position / sizes[set];
    if (drawn[set] == null || epoch != drawnEpoch[set]) {
      drawn[set] = permutation(set, epoch);
      drawnEpoch[set] = epoch;
    }
    return drawn[set][(int) (position % sizes[set])];
  }

  private int[] permutation(int set, long epoch) {
    SplittableRandom random = KeyedRandom.of(seed, epoch, -1 - set);
    int[] order = new int[sizes[set]];
    for (int i = 0; i < order.length; i++) {
      int other = random.nextInt(i + 1);
      order[i] = order[other];
      order[other] = i;
    }
    return order;
  }
}
