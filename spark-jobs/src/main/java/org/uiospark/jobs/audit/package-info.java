/**
 * Holds the gradients of estimators against the exact one. One sequence of tokens or a data set
 * comes in; losses, the gradient and the figures of the draws go out.
 *
 * <p>May use: {@code data.dataset}, {@code data.storage}, {@code jobs.checkpoint}, {@code
 * jobs.device}, {@code jobs.results}, {@code jobs.settings}, {@code jobs.statistics}, {@code
 * jobs.task}, {@code model.adapter}, {@code model.cost}, {@code model.estimator}, {@code
 * model.gradient}, {@code model.input}, {@code model.kernel}, {@code model.llama}, {@code
 * model.optim}, {@code model.safetensors}, {@code model.segment}.
 */
package org.uiospark.jobs.audit;
