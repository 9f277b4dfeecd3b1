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
    return covers(lanes, values) ? (long) Float.BYTES * values * lanes : 0;
  }
}
