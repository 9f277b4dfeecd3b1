/**
 * Measures speed and memory of the gradient, and of data preparation. Sizes come in; figures as
 * JSON go out.
 *
 * <p>May use: {@code data.dataset}, {@code data.prep}, {@code data.settings}, {@code data.storage},
 * {@code data.summary}, {@code jobs.device}, {@code jobs.prep}, {@code jobs.results}, {@code
 * jobs.settings}, {@code jobs.task}, {@code jobs.train}, {@code jobs.train.step}, {@code
 * model.adapter}, {@code model.cost}, {@code model.estimator}, {@code model.gradient}, {@code
 * model.input}, {@code model.kernel}, {@code model.llama}, {@code model.segment}, {@code
 * model.text}.
 */
package org.uiospark.jobs.bench;
