/**
 * Which pairs of segments (t, s) the gradient of the encoder adds, and with which weight. A number
 * of segments and a random generator come in; {@code PairWeights} go out. Nothing is differentiated
 * here.
 *
 * <p>It uses {@code input} alone.
 */
package org.uiospark.model.estimator;
