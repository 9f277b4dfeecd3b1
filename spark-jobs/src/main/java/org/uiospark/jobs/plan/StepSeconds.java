package org.uiospark.jobs.plan;

import org.uiospark.jobs.train.reduce.CollectSize;
import org.uiospark.jobs.train.reduce.Shards;

/**
 * Where the seconds of a step go on a number of executors, each with one device and one task at a
 * time. With P values of the adapter, L lanes, E executors and S shards ({@link Shards}), and links
 * of R bytes a second:
 *
 * <ul>
 *   <li>an executor computes {@code w = ceil(L / E)} lanes one after another;
 *   <li>send: the driver sends the adapter once, {@code 4 P / R}; executors pass it on meanwhile;
 *   <li>leave: the gradient of each lane goes to the shuffle, {@code w P} values at {@link
 *       #LEAVE_NANOS};
 *   <li>exchange: {@code min(E, S)} executors add; what goes from one to another crosses the links
 *       all at once, {@code max(4 P w (1 - 1 / min(E, S)), 4 P L (1 - 1 / min(E, L)) / min(E, S)) /
 *       R};
 *   <li>add: {@code P L / min(E, S)} values at {@link #ADD_NANOS};
 *   <li>receive: the driver receives the mean once, {@code 4 P / R};
 *   <li>update: clipping and AdamW on the driver, P values at {@link #UPDATE_NANOS}.
 * </ul>
 *
 * <p>Where the driver takes the lanes itself ({@link CollectSize}) nothing is exchanged, it
 * receives {@code 4 P L / R}, and adds {@code P L} values at {@link #TAKE_NANOS}.
 *
 * <p>Nothing overlaps. Starting tasks, reading data and writing checkpoints are not counted.
 */
record StepSeconds(
    double compute,
    double send,
    double leave,
    double exchange,
    double add,
    double receive,
    double update) {
  /** From the device to a file of the shuffle, of one value; {@code bench} with 134 M values. */
  static final double LEAVE_NANOS = 5;

  /** Of reading one value of one lane from the shuffle and adding it; measured likewise. */
  static final double ADD_NANOS = 5;

  /**
   * Of taking one value of one lane, and adding it, where the driver does; {@code bench} with two
   * lanes of 8.4 M values.
   */
  static final double TAKE_NANOS = 5;

  /** Of clipping and AdamW for one value on two cores; measured likewise. */
  static final double UPDATE_NANOS = 5.5;

  /**
   * Estimates.
   *
   * @param values of the adapter
   * @param lanes of a step
   * @param collect whether the driver takes the lanes itself
   * @param laneSeconds that a device computes on one lane
   * @param linkBytes of a link, a second
   */
  static StepSeconds of(
      int executors,
      int values,
      int lanes,
      CollectSize collect,
      double laneSeconds,
      double linkBytes) {
    double bytes = (double) Float.BYTES * values;
    double most = (lanes - 1) / executors + 1;
    if (collect.covers(lanes, values)) {
      return new StepSeconds(
          most * laneSeconds,
          bytes / linkBytes,
          most * values * LEAVE_NANOS / 1e9,
          0,
          values * (double) lanes * TAKE_NANOS / 1e9,
          bytes * lanes / linkBytes,
          values * UPDATE_NANOS / 1e9);
    }
    double adding = Math.min(executors, new Shards(values).count());
    double out = bytes * most * (1 - 1 / adding);
    double in = bytes * lanes * (1 - 1.0 / Math.min(executors, lanes)) / adding;
    return new StepSeconds(
        most * laneSeconds,
        bytes / linkBytes,
        most * values * LEAVE_NANOS / 1e9,
        Math.max(out, in) / linkBytes,
        values * (double) lanes / adding * ADD_NANOS / 1e9,
        bytes / linkBytes,
        values * UPDATE_NANOS / 1e9);
  }

  /** The whole step. */
  double total() {
    return compute + send + leave + exchange + add + receive + update;
  }
}
