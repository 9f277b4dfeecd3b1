/**
 * An export as a DJL model: text comes in, its continuation goes out, without Spark.
 *
 * <p>It uses {@code reading}, {@code kernel}, {@code text}, {@code adapter} and {@code input}.
 */
package org.uiospark.model.serve;
