/**
 * Evaluates an adapter on held-out text. Base model, adapter and data sets come in, a Spark task
 * reads a sequence or answers a prompt, and tables with intervals go out, as text and as JSON.
 * Training measures its checkpoints with {@code HeldOutLoss}.
 *
 * <p>May use no other room.
 */
package org.uiospark.jobs.evaluate;
