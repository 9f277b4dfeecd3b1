/**
 * What a sequence is and how it is cut: tokens with labels, segment length and memory tokens, the
 * loss of each segment. Other packages pass these values on; nothing is computed here.
 *
 * <p>It uses {@code input} alone.
 */
package org.uiospark.model.segment;
