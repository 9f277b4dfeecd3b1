package org.uiospark.jobs.checkpoint;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Mean losses of a label at a checkpoint, in nats.
 *
 * @param train of the batch of its step, before the update; null if not known
 * @param heldOut of held-out text, after the update; null if not measured
 */
public record Losses(Double train, @JsonProperty("held_out") Double heldOut) {
  /** Nobody measured them. */
  public static final Losses UNKNOWN = new Losses(null, null);
}
