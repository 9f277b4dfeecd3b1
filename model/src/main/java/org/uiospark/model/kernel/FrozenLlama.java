package org.uiospark.model.kernel;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.llama.AttentionBias;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.safetensors.DType;
import org.uiospark.model.safetensors.FloatBits;
import org.uiospark.model.safetensors.SafetensorsFile;
import org.uiospark.model.segment.AtOnce;

/**
 * A base model on a device: loaded once a JVM, never changed, shared by all tasks.
 *
 * <p>q, k and v are kept as one matrix, as are gate and up, so that each is one product.
 */
public final class FrozenLlama implements AutoCloseable {
  /** Values of a block that is copied to the device: 8 MiB of float32, 4 of 16-bit types. */
  private static final int BLOCK = 2 << 20;

  private final LlamaConfig config;
  private final String fingerprint;
  private final float[] eosEmbedding;
  private final Set<Integer> stopTokenIds;
  private final BasePrecision precision;
  private final NDManager manager;
  private final Map<String, NDArray> weights = new LinkedHashMap<>();

  /** What loading needs, and gives back. */
  private record Loading(LlamaCheckpoint checkpoint, Kernels kernels, Staging staging) {}

  private FrozenLlama(LlamaCheckpoint checkpoint, Device device, BasePrecision precision) {
    this.config = checkpoint.config();
    this.fingerprint = checkpoint.fingerprint();
    this.eosEmbedding = checkpoint.embedding(config.eosTokenId());
    this.stopTokenIds = Set.copyOf(checkpoint.stopTokenIds());
    this.precision = precision;
    this.manager = NDManager.newBaseManager(device, "PyTorch");
    try (Kernels kernels =
        new Kernels(
            config,
            1,
            device,
            new Arithmetic(MatrixProducts.LIBTORCH, 1),
            AtOnce.on(device),
            Kernels.source())) {
      load(new Loading(checkpoint, kernels, new Staging()));
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /** Under the names by which the kernels know them. */
  private void load(Loading from) {
    add("embedding", from, "model.embed_tokens.weight");
    add("norm", from, "model.norm.weight");
    if (!config.vocabulary().tied()) {
      add("head", from, "lm_head.weight");
    }
    for (int i = 0; i < config.layers(); i++) {
      loadLayer("layers." + i + ".", from);
    }
  }

  private void loadLayer(String name, Loading from) {
    String layer = "model." + name;
    String q = layer + "self_attn.q_proj.";
    String k = layer + "self_attn.k_proj.";
    String v = layer + "self_attn.v_proj.";
    add(name + "input_norm", from, layer + "input_layernorm.weight");
    add(name + "qkv", from, q + "weight", k + "weight", v + "weight");
    if (config.attention().bias() != AttentionBias.NONE) {
      add(name + "qkv_bias", from, q + "bias", k + "bias", v + "bias");
    }
    if (config.attention().queryKeyNorm()) {
      add(name + "q_norm", from, layer + "self_attn.q_norm.weight");
      add(name + "k_norm", from, layer + "self_attn.k_norm.weight");
    }
    add(name + "output", from, layer + "self_attn.o_proj.weight");
    if (config.attention().bias() == AttentionBias.ALL) {
      add(name + "output_bias", from, layer + "self_attn.o_proj.bias");
    }
    add(name + "mlp_norm", from, layer + "post_attention_layernorm.weight");
    String gate = layer + "mlp.gate_proj.weight";
    String up = layer + "mlp.up_proj.weight";
    add(name + "gate_up", from, gate, up);
    add(name + "down", from, layer + "mlp.down_proj.weight");
  }

  /**
   * Loads a checkpoint in HuggingFace layout.
   *
   * @param directory holds {@code config.json} and one or many safetensors files
   * @throws InvalidInputException if the folder is not a whole Llama checkpoint, or a weight is not
   *     finite
   */
  public static FrozenLlama load(Path directory, Device device, BasePrecision precision) {
    try (LlamaCheckpoint checkpoint = LlamaCheckpoint.open(directory)) {
      return load(checkpoint, device, precision);
    }
  }

  /**
   * Loads a checkpoint that is open, and stays so.
   *
   * @throws InvalidInputException if a weight is not finite, or no GPU can read heads of that size
   */
  public static FrozenLlama load(
      LlamaCheckpoint checkpoint, Device device, BasePrecision precision) {
    if (device.isGpu()) {
      requireHeadsOfGpu(checkpoint.config());
    }
    FrozenLlama base = new FrozenLlama(checkpoint, device, precision);
    // Only the collector unmaps the files and frees the block: as much as the model, for one call.
    System.gc();
    return base;
  }

  /** The kernels of attention for a GPU, which libtorch has, know no other heads. */
  private static void requireHeadsOfGpu(LlamaConfig config) {
    int size = config.attention().headDim();
    if (size % 8 != 0 || size > 256) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "config.json: heads of %d values cannot be attended to on a GPU, which takes multiples of 8 up to 256; run this model on CPUs",
              size));
    }
  }

  /** Adds one matrix or vector, made of those of {@code parts} one below the other. */
  private void add(String name, Loading from, String... parts) {
    List<SafetensorsFile.Tensor> tensors =
        Arrays.stream(parts).map(from.checkpoint()::tensor).toList();
    long rows = tensors.stream().mapToLong(tensor -> tensor.shape()[0]).sum();
    long[] shape = tensors.get(0).shape().clone();
    shape[0] = rows;
    NDArray weight = from.kernels().empty(manager, precision, new Shape(shape));
    long row = 0;
    for (SafetensorsFile.Tensor tensor : tensors) {
      copyRows(tensor, from, weight, row);
      row += tensor.shape()[0];
    }
    weights.put(name, weight);
  }

  /**
   * To the device as they are in the file, in blocks of rows: neither the host nor the device holds
   * a large matrix twice. Java reads the mapped file, for what libtorch cannot read ends the JVM.
   */
  private void copyRows(SafetensorsFile.Tensor tensor, Loading from, NDArray weight, long at) {
    String file = from.checkpoint().origin(tensor.name());
    long rows = tensor.shape()[0];
    int columns = Math.toIntExact(tensor.size() / rows);
    int rowBytes = Math.multiplyExact(columns, tensor.dtype().bytes());
    boolean vector = tensor.shape().length == 1;
    long most = Math.max(1, BLOCK / columns);
    for (long row = 0; row < rows; row += most) {
      int size = (int) Math.min(most, rows - row);
      ByteBuffer bytes = tensor.bytes(row * rowBytes, Math.multiplyExact(size, rowBytes));
      Shape shape = vector ? new Shape(size) : new Shape(size, columns);
      long first = row;
      from.staging()
          .lend(
              bytes.remaining(),
              block -> {
                block.put(bytes).flip().order(ByteOrder.LITTLE_ENDIAN);
                requireFinite(block, tensor, first, file);
                copy(block, tensor.dtype(), shape, from.kernels(), weight, at + first);
              });
    }
  }

  private void copy(
      ByteBuffer bytes, DType dtype, Shape shape, Kernels kernels, NDArray weight, long at) {
    try (NDManager scratch = manager.newSubManager()) {
      switch (dtype) {
        case F32 -> kernels.copyRows(scratch.create(bytes, shape, DataType.FLOAT32), weight, at);
        case F16 -> kernels.copyRows(scratch.create(bytes, shape, DataType.FLOAT16), weight, at);
        default -> kernels.copyBfloat16(scratch.create(bytes, shape, DataType.FLOAT16), weight, at);
      }
    }
  }

  private static void requireFinite(
      ByteBuffer bytes, SafetensorsFile.Tensor tensor, long row, String file) {
    int at = FloatBits.firstNotFinite(tensor.dtype(), bytes);
    if (at < 0) {
      return;
    }
    long columns = tensor.size() / tensor.shape()[0];
    throw new InvalidInputException(
        String.format(
            Locale.ROOT,
            "%s: tensor %s holds %s in row %d, which is no weight; get the file again",
            file,
            tensor.name(),
            tensor.floats(row * columns + at, 1)[0],
            row + at / columns));
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

  /**
   * The weights, by the names of {@code LayerWeights} and {@code Base} of the kernels, as {@code
   * layers.3.qkv}. A model whose LM head is its embedding has no {@code head}.
   */
  public Map<String, NDArray> weights() {
    return Collections.unmodifiableMap(weights);
  }

  /** The LM head {@code [V, D]}. */
  NDArray head() {
    return weights.getOrDefault("head", weights.get("embedding"));
  }

  /** The type of its weights. */
  public BasePrecision precision() {
    return precision;
  }

  /** A manager on the device of the weights; the caller closes it. */
  public NDManager newManager() {
    return manager.newSubManager();
  }

  /** Where the weights are. */
  public Device device() {
    return manager.getDevice();
  }

  /** Returns when the device has done all that it was asked for; a CPU always has. */
  public void await() {
    if (device().isGpu()) {
      try (NDManager scratch = manager.newSubManager()) {
        // All work is in one queue, and a value can be read when its turn has come.
        scratch.ones(new Shape(1)).toFloatArray();
      }
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
