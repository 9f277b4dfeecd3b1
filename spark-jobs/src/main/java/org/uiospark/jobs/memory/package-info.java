/**
 * Texts that are read once and asked often: documents, base model and adapter come in, a memory
 * file a text goes out, and the index that says which there are; questions come in, and answers go
 * out. {@code Memorize} leads, {@code MemoryJob} is the Spark job of some texts, {@code MemoryTask}
 * runs in the executors; {@code Answer} leads, and {@code AnswerTask} runs there. {@code
 * StoredMemory} opens a file for whoever reads on behind it.
 *
 * <p>May use: {@code data.commit}, {@code data.dataset}, {@code data.prep}, {@code data.settings},
 * {@code data.storage}, {@code data.summary}, {@code jobs.checkpoint}, {@code jobs.settings},
 * {@code jobs.statistics}, {@code jobs.task}, {@code model.adapter}, {@code model.input}, {@code
 * model.kernel}, {@code model.llama}, {@code model.memory}, {@code model.reading}, {@code
 * model.safetensors}, {@code model.segment}, {@code model.serve}, {@code model.text}.
 */
package org.uiospark.jobs.memory;
