/**
 * What a sequence is and how it is cut: tokens with labels, segment length and memory tokens, the
 * loss of each segment. Other packages pass these values on; nothing is computed here.
 *
 * <p>May use: {@code model.input}.
 */
package org.uiospark.model.segment;
