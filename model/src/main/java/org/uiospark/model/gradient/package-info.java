/**
 * Back-propagation through a whole sequence, for every estimator and objective. A {@code
 * TokenSequence} and the weights of its pairs come in; the gradient is added to that of a {@code
 * DeviceAdapter}, and the loss of each segment goes out.
 *
 * <p>It uses {@code kernel}, {@code reading} (to cut sequences), {@code estimator}, {@code cost}
 * (for the size of a graph), {@code adapter}, {@code segment} and {@code input}.
 */
package org.uiospark.model.gradient;
