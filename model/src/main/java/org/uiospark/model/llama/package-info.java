/**
 * The base model as HuggingFace keeps it: configuration, RoPE scaling, tensors of one file or many,
 * fingerprint. A folder comes in; a checked {@code LlamaConfig} and the tensors of a {@code
 * LlamaCheckpoint} go out. A new architecture begins in {@code Architecture}.
 *
 * <p>It uses {@code safetensors} and {@code input}.
 */
package org.uiospark.model.llama;
