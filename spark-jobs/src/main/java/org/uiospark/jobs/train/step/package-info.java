/**
 * Takes one optimizer step over the cluster. A global batch of sequences and the adapter come in;
 * the updated adapter and the metrics of the step go out. {@code TrainingStep} owns it, {@code
 * GradientJob} is its Spark job, {@code LaneTask} runs in the executors, and {@code BatchReport}
 * says what the lanes told.
 *
 * <p>May use: {@code data.dataset}, {@code data.settings}, {@code jobs.checkpoint}, {@code
 * jobs.exchange}, {@code jobs.settings}, {@code jobs.task}, {@code jobs.train.reduce}, {@code
 * model.adapter}, {@code model.cost}, {@code model.estimator}, {@code model.gradient}, {@code
 * model.input}, {@code model.kernel}, {@code model.optim}, {@code model.segment}.
 */
package org.uiospark.jobs.train.step;
