/**
 * Holds what the tasks of a JVM share. References to base model, adapter and data set come in, as
 * the driver sends them; models and data sets that are loaded once, on the device that Spark lends,
 * go out.
 *
 * <p>May use: {@code data.dataset}, {@code data.storage}, {@code jobs.checkpoint}, {@code
 * jobs.device}, {@code jobs.exchange}, {@code model.adapter}, {@code model.gradient}, {@code
 * model.input}, {@code model.kernel}, {@code model.llama}, {@code model.segment}, {@code
 * model.serve}, {@code model.text}.
 */
package org.uiospark.jobs.task;
