/**
 * What a sequence is and how it is cut: tokens with labels, segment length and memory tokens, the
 * loss of each segment; how much of it a device computes at once; and how long a text the positions
 * of a base model hold. Other packages pass these values on.
 *
 * <p>May use: {@code model.input}.
 */
package org.uiospark.model.segment;
