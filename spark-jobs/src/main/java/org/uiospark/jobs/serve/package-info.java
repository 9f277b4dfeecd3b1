/**
 * Answers over HTTP, as OpenAI has it. Base model, adapter and a folder of memory files come in;
 * requests come in and answers go out until the process is asked to end. {@code Serve} leads,
 * {@code Endpoints} is what the web sees, {@code Workers} bounds what is done at once, {@code
 * CompletionBatch} and {@code MemoryShelf} do it.
 *
 * <p>May use: {@code data.encode}, {@code data.storage}, {@code jobs.checkpoint}, {@code
 * jobs.device}, {@code jobs.memory}, {@code jobs.settings}, {@code jobs.task}, {@code
 * model.adapter}, {@code model.input}, {@code model.kernel}, {@code model.llama}, {@code
 * model.memory}, {@code model.reading}, {@code model.safetensors}, {@code model.segment}, {@code
 * model.serve}, {@code model.text}.
 */
package org.uiospark.jobs.serve;
