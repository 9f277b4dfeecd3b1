/**
 * Keeps what training leaves behind. A checkpoint comes in with every save and goes out whole,
 * checked against the sums of its manifest, or not at all; the deletion of superseded checkpoints
 * is here as well.
 *
 * <p>May use: {@code data.storage}, {@code jobs.lock}, {@code jobs.settings}, {@code
 * model.adapter}, {@code model.input}, {@code model.safetensors}.
 */
package org.uiospark.jobs.checkpoint;
