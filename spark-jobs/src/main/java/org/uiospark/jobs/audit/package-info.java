/**
 * Holds the gradients of estimators against the exact one. One sequence of tokens or a data set
 * comes in; losses, the gradient and the figures of the draws go out.
 *
 * <p>May use no other room.
 */
package org.uiospark.jobs.audit;
