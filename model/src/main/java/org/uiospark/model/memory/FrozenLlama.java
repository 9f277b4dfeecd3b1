package org.uiospark.model.memory;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import org.uiospark.model.InvalidInputException;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.safetensors.SafetensorsFile;

/**
 * A base model on a device: loaded once a JVM, never changed, shared by all tasks.
 *
 * <p>q, k and v are kept as one matrix, as are gate and up, so that each is one product.
 */
public final class FrozenLlama implements AutoCloseable {
  private final LlamaConfig config;
  private final String fingerprint;
  private final float[] eosEmbedding;
  private final BasePrecision precision;
  private final NDManager manager;
  private final NDList weights = new NDList();

  private FrozenLlama(LlamaCheckpoint checkpoint, Device device, BasePrecision precision) {
    this.config = checkpoint.config();
    this.fingerprint = checkpoint.fingerprint();
    this.eosEmbedding = checkpoint.embedding(config.eosTokenId());
    this.precision = precision;
    this.manager = NDManager.newBaseManager(device, "PyTorch");
    NDArray embedding = add(checkpoint, "model.embed_tokens.weight");
    add(checkpoint, "model.norm.weight");
    if (config.tieWordEmbeddings()) {
      weights.add(embedding);
    } else {
      add(checkpoint, "lm_head.weight");
    }
    for (int i = 0; i < config.layers(); i++) {
      String layer = "model.layers." + i + ".";
      String attention = layer + "self_attn.";
      add(checkpoint, layer + "input_layernorm.weight");
      add(
          checkpoint,
          attention + "q_proj.weight",
          attention + "k_proj.weight",
          attention + "v_proj.weight");
      add(checkpoint, attention + "o_proj.weight");
      add(checkpoint, layer + "post_attention_layernorm.weight");
      add(checkpoint, layer + "mlp.gate_proj.weight", layer + "mlp.up_proj.weight");
      add(checkpoint, layer + "mlp.down_proj.weight");
    }
  }

  /**
   * Loads a checkpoint in HuggingFace layout.
   *
   * @param directory holds {@code config.json} and one or many safetensors files
   * @throws InvalidInputException if the folder is not a whole Llama checkpoint
   */
  public static FrozenLlama load(Path directory, Device device, BasePrecision precision) {
    try (LlamaCheckpoint checkpoint = LlamaCheckpoint.open(directory)) {
      return new FrozenLlama(checkpoint, device, precision);
    }
  }

  private NDArray add(LlamaCheckpoint checkpoint, String... names) {
    NDArray weight;
    try (NDManager scratch = manager.newSubManager()) {
      NDArray[] parts =
          Arrays.stream(names)
              .map(name -> onDevice(scratch, checkpoint.tensor(name)))
              .toArray(NDArray[]::new);
      weight = parts.length == 1 ? parts[0] : NDArrays.concat(new NDList(parts), 0);
      weight.attach(manager);
    }
    weight.setName("weights[]");
    weights.add(weight);
    return weight;
  }

  private NDArray onDevice(NDManager scratch, SafetensorsFile.Tensor tensor) {
    DataType stored =
        switch (tensor.dtype()) {
          case F32 -> DataType.FLOAT32;
          case F16 -> DataType.FLOAT16;
          case BF16 -> DataType.BFLOAT16;
          default ->
              throw new InvalidInputException(
                  "tensor %s is %s; base models are F32, F16 or BF16"
                      .formatted(tensor.name(), tensor.dtype()));
        };
    return scratch
        .create(tensor.bytes(), new Shape(tensor.shape()), stored)
        .toType(precision.type(), false);
  }

  /** Shape of the model. */
  public LlamaConfig config() {
    return config;
  }

  /** Identity of configuration and weights; adapters are bound to it. */
  public String fingerprint() {
    return fingerprint;
  }

  /** The embedding of EOS, {@code [D]}: where {@code <mem>} starts. */
  public float[] eosEmbedding() {
    return eosEmbedding.clone();
  }

  NDList weights() {
    return weights;
  }

  BasePrecision precision() {
    return precision;
  }

  /** A manager on the device of the weights; the caller closes it. */
  NDManager newManager() {
    return manager.newSubManager();
  }

  Device device() {
    return manager.getDevice();
  }

  @Override
  public void close() {
    manager.close();
  }
}
