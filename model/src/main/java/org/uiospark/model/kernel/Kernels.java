package org.uiospark.model.kernel;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.uiospark.model.llama.AttentionBias;
import org.uiospark.model.llama.LlamaConfig;

/**
 * The device code: every layer, loss and gradient runs as one call into one TorchScript module.
 *
 * <p>Safe for use by several threads at once: the module holds scalars only, weights and adapter
 * are arguments.
 */
public final class Kernels implements AutoCloseable {
  /** Logits held at once, in values, at most: 32 MiB of float32. */
  private static final int LOGITS = 8 << 20;

  /**
   * Tokens whose logits are held at once, at most: more make no product of a CPU faster, and the
   * whole tape lies in memory beside them.
   */
  private static final int LOGIT_TOKENS = 128;

  /**
   * Queries of a head at once: their scores stay in the cache, little of what is hidden is
   * computed.
   */
  private static final int QUERY_BLOCK = 256;

  /** Memory rows of a head at once, for the same reason. */
  private static final int ROW_BLOCK = 1024;

  private final NDManager manager;
  private final PtSymbolBlock module;
  private final int threads;
  private final Map<String, NDArray> methods = new ConcurrentHashMap<>();

  /**
   * @param config shape of the base model
   * @param scale LoRA scale, alpha / rank
   * @param arithmetic on that device, for the type of the weights
   */
  Kernels(LlamaConfig config, double scale, Device device, Arithmetic arithmetic) {
    threads = arithmetic.threads();
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("training", false);
    attributes.put("layers", config.layers());
    attributes.put("heads", config.heads());
    attributes.put("kv_heads", config.kvHeads());
    attributes.put("head_dim", config.headDim());
    attributes.put("eps", config.rmsNormEps());
    attributes.put("scale", scale);
    attributes.put("loss_chunk", logitTokens(config));
    // A GPU keeps the scores out of memory by itself and is asked as seldom as possible.
    attributes.put("query_block", device.isGpu() ? Integer.MAX_VALUE : QUERY_BLOCK);
    attributes.put("row_block", ROW_BLOCK);
    attributes.put("onednn", arithmetic.products() == MatrixProducts.ONEDNN);
    attributes.putAll(placesOfVectors(config));
    attributes.put("turn_late", config.ropeScaling().constantUpTo() < Integer.MAX_VALUE);
    byte[] archive = TorchScriptArchive.pack("Kernels", source(), attributes);
    manager = NDManager.newBaseManager(device, "PyTorch");
    try {
      module =
          JniUtils.loadModule(
              (PtNDManager) manager, new ByteArrayInputStream(archive), false, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where among the weights those begin that only some models have; -1 where there are none. */
  private static Map<String, Integer> placesOfVectors(LlamaConfig config) {
    int layers = config.layers();
    int end = 3 + 6 * layers;
    int bias = config.attentionBias() == AttentionBias.NONE ? -1 : end;
    end += bias < 0 ? 0 : layers;
    int outputBias = config.attentionBias() == AttentionBias.ALL ? end : -1;
    end += outputBias < 0 ? 0 : layers;
    int headNorm = config.queryKeyNorm() ? end : -1;
    return Map.of("bias_at", bias, "output_bias_at", outputBias, "head_norm_at", headNorm);
  }

  /** Tokens whose logits are held at once. */
  public static int logitTokens(LlamaConfig config) {
    return Math.max(1, Math.min(LOGIT_TOKENS, LOGITS / config.vocabSize()));
  }

  private static String source() {
    try (InputStream in = Kernels.class.getResourceAsStream("kernels.torchscript")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a method with autograd: libtorch's fused attention leaves its graph on the tape. */
  public NDList withGraph(String method, NDList arguments) {
    return run(method, arguments, true);
  }

  /** Runs a method without autograd: it has no way back, or writes it out. */
  public NDList withoutGraph(String method, NDList arguments) {
    return run(method, arguments, false);
  }

  /**
   * Blocks of rows, one below the other, as one matrix in the type of the weights. DJL has no
   * bfloat16: asked for the type of such a tensor, it ends the JVM.
   *
   * @param manager owns the matrix
   */
  public NDArray rows(NDManager manager, BasePrecision precision, NDList blocks) {
    NDList arguments = new NDList(manager.create(new long[] {precision.scalarType()}));
    for (NDArray block : blocks) {
      // Under a name of its own, for it may be an argument of other calls.
      NDArray named = block.reshape(block.getShape());
      named.attach(manager);
      named.setName("rows[]");
      arguments.add(named);
    }
    return withoutGraph("load", arguments).head();
  }

  /**
   * An array of the type of the weights, whose values are not set yet.
   *
   * @param manager owns it
   */
  NDArray empty(NDManager manager, BasePrecision precision, Shape shape) {
    try (NDManager scratch = manager.newSubManager()) {
      NDArray sizes = scratch.create(shape.getShape());
      NDArray empty =
          withoutGraph(
                  "empty", new NDList(scratch.create(new long[] {precision.scalarType()}), sizes))
              .head();
      empty.attach(manager);
      return empty;
    }
  }

  /** Copies rows into those of a larger array from {@code at} on, in its type. */
  void copyRows(NDArray rows, NDArray into, long at) {
    withoutGraph("copy_into", new NDList(rows, into, rows.getManager().create(new long[] {at})));
  }

  private NDList run(String method, NDList arguments, boolean graph) {
    NDList all = new NDList(arguments);
    all.add(methods.computeIfAbsent(method, this::methodName));
    // Of the thread that calls; a JVM may run models with one thread a task and others with all.
    JniUtils.setNumThreads(threads);
    // Thread-local: without it libtorch specialises anew for every length of the memory.
    JniUtils.setGraphExecutorOptimize(false);
    // Thread-local too. DJL's own way to run without a graph makes inference tensors, which can
    // never become leaves of a graph later.
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(graph);
    try {
      return IValueUtils.forward(module, all, true);
    } finally {
      JniUtils.setGradMode(before);
    }
  }

  /** DJL reads the method to call from the name of one of the arguments. */
  private NDArray methodName(String method) {
    NDArray name = manager.zeros(new Shape(1));
    name.setName("module_method:" + method);
    return name;
  }

  @Override
  public void close() {
    module.close();
    manager.close();
  }
}
