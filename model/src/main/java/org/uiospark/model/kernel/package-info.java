/**
 * The mathematics on a device: the frozen base, the adapter, the bank of memories, and the
 * TorchScript kernels that encode, store and decode segments and go the same way back ({@code
 * kernels.torchscript} in the resources is their table of contents). Tokens and an adapter come in;
 * memories, losses, logits and gradients go out as tensors whose owner closes them.
 *
 * <p>It uses {@code adapter}, {@code llama}, {@code segment}, {@code safetensors}, {@code optim}
 * (for {@code Chunks}) and {@code input}.
 */
package org.uiospark.model.kernel;
