/**
 * Adds the gradients of the lanes of a step in their order. The gradient and the report of each
 * lane come in; their mean, cut into shards on the way, and the reports go out. Where the lanes are
 * large they are added all over the cluster, and nothing that the driver receives grows with their
 * number but the reports; small ones the driver takes itself, as {@link
 * org.uiospark.jobs.train.reduce.CollectSize} says.
 *
 * <p>May use: {@code jobs.exchange}, {@code model.optim}.
 */
package org.uiospark.jobs.train.reduce;
