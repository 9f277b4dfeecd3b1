/**
 * An export as a DJL model: text comes in, or a request of DJL Serving, and its continuation goes
 * out, without Spark.
 *
 * <p>May use: {@code model.adapter}, {@code model.input}, {@code model.kernel}, {@code
 * model.llama}, {@code model.reading}, {@code model.segment}, {@code model.text}.
 */
package org.uiospark.model.serve;
