/**
 * What a gradient takes: floating-point operations and bytes, counted from shapes alone. A
 * configuration, the settings and the weights of an estimator come in; counts go out.
 *
 * <p>It uses {@code kernel} (for its constants), {@code estimator}, {@code adapter}, {@code llama}
 * and {@code segment}.
 */
package org.uiospark.model.cost;
