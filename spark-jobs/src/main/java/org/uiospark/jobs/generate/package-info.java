/**
 * Continues a prompt of any length. A prompt, base model and adapter come in, and the memories of a
 * text that the prompt follows, where there are some; text goes out.
 *
 * <p>May use: {@code data.storage}, {@code jobs.checkpoint}, {@code jobs.device}, {@code
 * jobs.memory}, {@code jobs.settings}, {@code jobs.task}, {@code model.adapter}, {@code
 * model.input}, {@code model.kernel}, {@code model.llama}, {@code model.memory}, {@code
 * model.reading}, {@code model.segment}, {@code model.text}.
 */
package org.uiospark.jobs.generate;
