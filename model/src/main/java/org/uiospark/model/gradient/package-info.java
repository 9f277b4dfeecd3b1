/**
 * Back-propagation through a whole sequence, for every estimator and objective. A {@code
 * TokenSequence} and the weights of its pairs come in; the gradient is added to that of a {@code
 * DeviceAdapter}, and the loss of each segment goes out.
 *
 * <p>May use: {@code model.adapter}, {@code model.cost}, {@code model.estimator}, {@code
 * model.input}, {@code model.kernel}, {@code model.llama}, {@code model.reading}, {@code
 * model.segment}.
 */
package org.uiospark.model.gradient;
