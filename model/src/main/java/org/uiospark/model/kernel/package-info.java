/**
 * The mathematics on a device: the frozen base, the adapter, the bank of memories, and the
 * TorchScript kernels that encode segments, transfer their memories and decode, and go the same way
 * back ({@code kernels.torchscript} in the resources is their table of contents). Tokens and an
 * adapter come in; memories, losses, logits and gradients go out as tensors whose owner closes
 * them.
 *
 * <p>May use: {@code model.adapter}, {@code model.input}, {@code model.llama}, {@code
 * model.safetensors}, {@code model.segment}.
 */
package org.uiospark.model.kernel;
