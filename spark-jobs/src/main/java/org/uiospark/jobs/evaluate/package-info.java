/**
 * Evaluates an adapter on held-out text. Base model, adapter and data sets come in, a Spark task
 * reads a sequence or answers a prompt, and tables with intervals go out, as text and as JSON.
 * Training measures its checkpoints with {@code HeldOutLoss}.
 *
 * <p>May use: {@code data.dataset}, {@code data.storage}, {@code jobs.evaluate.reading}, {@code
 * jobs.evaluate.score}, {@code jobs.recall}, {@code jobs.report}, {@code jobs.results}, {@code
 * jobs.settings}, {@code jobs.statistics}, {@code jobs.task}, {@code model.adapter}, {@code
 * model.estimator}, {@code model.gradient}, {@code model.input}, {@code model.kernel}, {@code
 * model.llama}, {@code model.reading}, {@code model.segment}, {@code model.text}.
 */
package org.uiospark.jobs.evaluate;
