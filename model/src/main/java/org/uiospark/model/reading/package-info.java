/**
 * Reading without gradients: losses of a sequence with and without memory, tokens that go in one by
 * one, generation, reconstruction. Token ids come in; losses and token ids go out. {@code
 * SegmentReader} is where labels are shifted.
 *
 * <p>It uses {@code kernel}, {@code optim} (for {@code Chunks}), {@code segment} and {@code input}.
 */
package org.uiospark.model.reading;
