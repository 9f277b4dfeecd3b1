/**
 * Keeps what training leaves behind. A checkpoint comes in with every save and goes out whole,
 * checked against the sums of its manifest, or not at all; the lock of an output and the deletion
 * of superseded checkpoints are here as well.
 *
 * <p>May use: {@code data.storage}, {@code jobs.process}, {@code jobs.settings}, {@code
 * model.adapter}, {@code model.input}, {@code model.safetensors}.
 */
package org.uiospark.jobs.checkpoint;
