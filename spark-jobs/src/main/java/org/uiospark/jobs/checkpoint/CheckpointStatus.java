package org.uiospark.jobs.checkpoint;

import java.time.Instant;

/**
 * How a checkpoint looks from its manifest and the sizes of its files; none of them is read.
 *
 * @param step of its folder
 * @param state what can be told without reading it
 * @param written when it was committed, null without a manifest
 * @param bytes of all its files
 * @param losses of its step
 */
public record CheckpointStatus(long step, State state, Instant written, long bytes, Losses losses) {

  /** What can be told without reading the files. */
  public enum State {
    /** The manifest is there, and every file with the size that it says. */
    WHOLE,
    /** There is a manifest, which cannot be read or does not fit the files. */
    DAMAGED,
    /** There is no manifest: it was never finished, or is being written. */
    TORN,
    /** Retention deleted it; what is left may be a folder without a file. */
    DELETED
  }

  boolean is(State other) {
    return state == other;
  }
}
