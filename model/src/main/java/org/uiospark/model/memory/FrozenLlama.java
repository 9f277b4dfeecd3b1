package org.uiospark.model.memory;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Set;
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
  /** Values of a block that is copied to the device: 8 MiB of float32. */
  private static final int BLOCK = 2 << 20;

  private final LlamaConfig config;
  private final String fingerprint;
  private final float[] eosEmbedding;
  private final Set<Integer> stopTokenIds;
  private final BasePrecision precision;
  private final NDManager manager;
  private final NDList weights = new NDList();

  private FrozenLlama(LlamaCheckpoint checkpoint, Device device, BasePrecision precision) {
    this.config = checkpoint.config();
    this.fingerprint = checkpoint.fingerprint();
    this.eosEmbedding = checkpoint.embedding(config.eosTokenId());
    this.stopTokenIds = Set.copyOf(checkpoint.stopTokenIds());
    this.precision = precision;
    this.manager = NDManager.newBaseManager(device, "PyTorch");
    try (Kernels kernels = new Kernels(config, 1, device, MatrixProducts.LIBTORCH)) {
      load(checkpoint, kernels);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /** In the order in which the kernels take the weights. */
  private void load(LlamaCheckpoint checkpoint, Kernels kernels) {
    add(checkpoint, kernels, "model.embed_tokens.weight");
    add(checkpoint, kernels, "model.norm.weight");
    if (config.tieWordEmbeddings()) {
      weights.add(weights.get(0));
    } else {
      add(checkpoint, kernels, "lm_head.weight");
    }
    for (int i = 0; i < config.layers(); i++) {
      String layer = "model.layers." + i + ".";
      String attention = layer + "self_attn.";
      add(checkpoint, kernels, layer + "input_layernorm.weight");
      add(
          checkpoint,
          kernels,
          attention + "q_proj.weight",
          attention + "k_proj.weight",
          attention + "v_proj.weight");
      add(checkpoint, kernels, attention + "o_proj.weight");
      add(checkpoint, kernels, layer + "post_attention_layernorm.weight");
      add(checkpoint, kernels, layer + "mlp.gate_proj.weight", layer + "mlp.up_proj.weight");
      add(checkpoint, kernels, layer + "mlp.down_proj.weight");
    }
    for (int i = 0; i < config.layers() && config.queryKeyValueBias(); i++) {
      String attention = "model.layers." + i + ".self_attn.";
      add(
          checkpoint,
          kernels,
          attention + "q_proj.bias",
          attention + "k_proj.bias",
          attention + "v_proj.bias");
    }
  }

  /**
   * Loads a checkpoint in HuggingFace layout.
   *
   * @param directory holds {@code config.json} and one or many safetensors files
   * @throws InvalidInputException if the folder is not a whole Llama checkpoint
   */
  public static FrozenLlama load(Path directory, Device device, BasePrecision precision) {
    FrozenLlama base;
    try (LlamaCheckpoint checkpoint = LlamaCheckpoint.open(directory)) {
      base = new FrozenLlama(checkpoint, device, precision);
    }
    // Only the collector unmaps the files and frees the blocks: twice the model, for one call.
    System.gc();
    return base;
  }

  /** Adds one matrix or vector, made of those of {@code names} one below the other. */
  private void add(LlamaCheckpoint checkpoint, Kernels kernels, String... names) {
    try (NDManager scratch = manager.newSubManager()) {
      NDList blocks = new NDList();
      for (String name : names) {
        addRows(checkpoint.tensor(name), blocks, scratch);
      }
      NDArray weight = kernels.rows(scratch, precision, blocks);
      weight.attach(manager);
      weight.setName("weights[]");
      weights.add(weight);
    }
  }

  /** In blocks of rows, so that a large embedding never stands on the heap as a whole. */
  private static void addRows(SafetensorsFile.Tensor tensor, NDList blocks, NDManager scratch) {
    int rows = Math.toIntExact(tensor.shape()[0]);
    int columns = tensor.size() / rows;
    int most = Math.max(1, BLOCK / columns);
    for (int row = 0; row < rows; row += most) {
      int size = Math.min(most, rows - row);
      FloatBuffer values = FloatBuffer.wrap(tensor.floats(row * columns, size * columns));
      boolean vector = tensor.shape().length == 1;
      blocks.add(scratch.create(values, vector ? new Shape(size) : new Shape(size, columns)));
    }
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

  /** The tokens that end a generated text. */
  public Set<Integer> stopTokenIds() {
    return stopTokenIds;
  }

  NDList weights() {
    return weights;
  }

  /** The type of its weights. */
  public BasePrecision precision() {
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
