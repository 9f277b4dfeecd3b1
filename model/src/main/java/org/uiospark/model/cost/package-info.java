/**
 * What a gradient takes: floating-point operations and bytes, counted from shapes alone. A
 * configuration, the settings and the weights of an estimator come in; counts go out.
 *
 * <p>May use: {@code model.adapter}, {@code model.estimator}, {@code model.kernel}, {@code
 * model.llama}, {@code model.segment}.
 */
package org.uiospark.model.cost;
