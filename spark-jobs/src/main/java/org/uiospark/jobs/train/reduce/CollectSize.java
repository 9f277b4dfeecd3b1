package org.uiospark.jobs.train.reduce;

/**
 * The rule that says how the gradients of a step are added: where those of all its lanes together
 * are small, the driver takes and adds them itself, for a second stage would cost more than it
 * saves. It knows sizes alone, and both ways give the same bits.
 *
 * @param bytes the largest size at which the driver takes them; 0 for never
 */
public record CollectSize(long bytes) {
  /** Whether the driver takes the gradients of a step itself. */
  public boolean covers(int lanes, int values) {
    return (long) Float.BYTES * values * lanes <= bytes;
  }

  /** Bytes of gradients that the driver takes itself: those of all lanes, or none. */
  public long taken(int lanes, int values) {
    return mostTaken(lanes, lanes, values);
  }

  /**
   * The most that it takes itself of a step whose lanes are more or fewer with its sequences.
   *
   * @param fewest lanes of a step
   * @param most lanes of a step
   */
  public long mostTaken(int fewest, int most, int values) {
    long vector = (long) Float.BYTES * values;
    return covers(fewest, values) ? vector * Math.min(most, bytes / vector) : 0;
  }
}
