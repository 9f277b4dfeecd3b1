/**
 * Reads sequences of any length without gradients, each by as many Spark tasks as its length asks
 * for. A model, an adapter and a data set come in, and what is to be measured of a chunk; what was
 * measured of each chunk goes out. {@code ReadingJob} is the Spark job, {@code ReadingTask} runs in
 * the executors.
 *
 * <p>May use: {@code jobs.exchange}, {@code jobs.task}, {@code model.gradient}, {@code
 * model.input}, {@code model.kernel}, {@code model.reading}, {@code model.segment}.
 */
package org.uiospark.jobs.evaluate.reading;
