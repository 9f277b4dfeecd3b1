/**
 * The base model as HuggingFace keeps it: configuration, RoPE scaling, tensors of one file or many,
 * fingerprint. A folder comes in; a checked {@code LlamaConfig} and the tensors of a {@code
 * LlamaCheckpoint} go out.
 *
 * <p>A new family begins in {@code Architecture}: its names and what a missing key means; {@code
 * of} recognizes it. Then {@code LlamaConfigReader} reads what it alone has into {@code
 * LlamaConfig}, {@code LlamaTensors} lists its tensors, {@code BaseModelFingerprint} must tell it
 * from a family with the same tensors, and {@code RandomLlama} writes it. Where it computes
 * something new, {@code FrozenLlama} passes the weights, the TorchScript sources use them, {@code
 * MemoryCount} and {@code FlopCount} count them. {@code ModelFamiliesTest} and {@code
 * TransformersLogitsTest} compare it.
 *
 * <p>May use: {@code model.input}, {@code model.safetensors}.
 */
package org.uiospark.model.llama;
