/**
 * Measures speed and memory of the gradient, and of data preparation. Sizes come in; figures as
 * JSON go out.
 *
 * <p>May use no other room.
 */
package org.uiospark.jobs.bench;
