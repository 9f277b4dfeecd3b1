/**
 * The right of one run to write an output. An output comes in; a lock that its holder renews goes
 * out, or who holds it. Whoever is silent for a whole lease has lost it.
 *
 * <p>May use: {@code data.storage}, {@code jobs.process}, {@code model.input}.
 */
package org.uiospark.jobs.lock;
