/**
 * Reading without gradients: losses of a sequence with and without memory, tokens that go in one by
 * one, generation, reconstruction. Token ids come in; losses and token ids go out. {@code
 * SegmentReader} is where labels are shifted.
 *
 * <p>May use: {@code model.adapter}, {@code model.input}, {@code model.kernel}, {@code
 * model.llama}, {@code model.optim}, {@code model.segment}.
 */
package org.uiospark.model.reading;
