/**
 * Makes of a checkpoint the files that others load. A checkpoint comes in; adapter, PEFT folders,
 * model card and DJL bundle go out.
 *
 * <p>May use: {@code data.storage}, {@code jobs.checkpoint}, {@code jobs.report}, {@code
 * jobs.results}, {@code jobs.settings}, {@code jobs.task}, {@code model.adapter}, {@code
 * model.input}, {@code model.llama}, {@code model.safetensors}, {@code model.segment}, {@code
 * model.serve}.
 */
package org.uiospark.jobs.export;
