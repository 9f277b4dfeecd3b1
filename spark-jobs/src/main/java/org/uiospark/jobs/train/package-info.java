/**
 * Trains an adapter. Base model, data sets and settings come in; metrics, a line a step, and
 * checkpoints go out. {@code Trainer} prepares a run, {@code RunStart} says where it starts, and
 * {@code TrainingRun} takes one step after the other.
 *
 * <p>May use: {@code data.dataset}, {@code data.settings}, {@code data.storage}, {@code
 * jobs.checkpoint}, {@code jobs.device}, {@code jobs.evaluate}, {@code jobs.lock}, {@code
 * jobs.plan}, {@code jobs.report}, {@code jobs.results}, {@code jobs.settings}, {@code jobs.task},
 * {@code jobs.tracking}, {@code jobs.train.reduce}, {@code jobs.train.step}, {@code model.adapter},
 * {@code model.cost}, {@code model.estimator}, {@code model.gradient}, {@code model.input}, {@code
 * model.kernel}, {@code model.llama}, {@code model.segment}.
 */
package org.uiospark.jobs.train;
