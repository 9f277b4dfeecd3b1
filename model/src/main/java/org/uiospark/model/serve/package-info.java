/**
 * An export as a DJL model: text comes in, its continuation goes out, without Spark.
 *
 * <p>May use no other room.
 */
package org.uiospark.model.serve;
