/**
 * Back-propagation through a whole sequence, for every estimator and objective. A {@code
 * TokenSequence} and the weights of its pairs come in; the gradient is added to that of a {@code
 * DeviceAdapter}, and the loss of each segment goes out.
 *
 * <p>May use no other room.
 */
package org.uiospark.model.gradient;
