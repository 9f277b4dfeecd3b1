/**
 * Adds the gradients of the lanes of a step in their order over Spark's shuffle. The gradient and
 * the report of each lane come in; their mean, cut into shards on the way, and the reports go out.
 * Nothing that the driver receives grows with the number of lanes but their reports.
 *
 * <p>May use: {@code model.optim}.
 */
package org.uiospark.jobs.train.reduce;
