/**
 * Carries what tasks of one Spark stage leave for those of the next. Parts of any number of bytes
 * come in, and for which lane each is; the shuffle holds them as they are, and a lane takes what it
 * wants from one lane at a time. Gradients that are added on their way cross in the same form.
 *
 * <p>May use: {@code model.input}.
 */
package org.uiospark.jobs.exchange;
