/**
 * Memories of a text as a file: keys and values of whole segments, and the tokens behind them. What
 * was encoded comes in, in parts; one safetensors file goes out, which a {@code MemoryReader} goes
 * on from. A file is loaded whole, for the base, the adapter and the ratio that it was made with,
 * or refused.
 *
 * <p>May use: {@code model.adapter}, {@code model.input}, {@code model.kernel}, {@code
 * model.llama}, {@code model.reading}, {@code model.safetensors}, {@code model.segment}.
 */
package org.uiospark.model.memory;
