/**
 * Says what a training run takes before anything runs. Shapes of model and cluster come in; memory,
 * time and network traffic go out.
 *
 * <p>May use: {@code jobs.settings}, {@code jobs.task}, {@code jobs.train.reduce}, {@code
 * model.adapter}, {@code model.cost}, {@code model.estimator}, {@code model.gradient}, {@code
 * model.input}, {@code model.kernel}, {@code model.llama}, {@code model.segment}.
 */
package org.uiospark.jobs.plan;
