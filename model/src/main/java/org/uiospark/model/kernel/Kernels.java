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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.segment.AtOnce;

/**
 * The device code: every layer, loss and gradient runs as one call into one TorchScript module,
 * whose sources lie beside this class in the resources.
 *
 * <p>Safe for use by several threads at once: the module holds scalars only, weights and adapter
 * are arguments.
 */
public final class Kernels implements AutoCloseable {
  /**
   * Queries of a head at once on a CPU: their scores stay in the cache, little of what is hidden is
   * computed.
   */
  public static final int QUERY_BLOCK = 256;

  /** Memory rows of a head at once, for the same reason. */
  private static final int ROW_BLOCK = 1024;

  /** The sources stand in reading order. */
  private static final List<String> SOURCES =
      List.of(
          "structures",
          "kernels",
          "loading",
          "parts",
          "attention",
          "attention_by_blocks",
          "encoder",
          "transfer",
          "decoder",
          "streams",
          "losses");

  private final NDManager manager;
  private final PtSymbolBlock module;
  private final int threads;
  private final Map<Class<?>, KernelMethod> methods = new HashMap<>();
  private final Map<String, NDArray> names = new ConcurrentHashMap<>();

  /**
   * @param config shape of the base model
   * @param scale LoRA scale, alpha / rank
   * @param arithmetic on that device, for the type of the weights
   * @param atOnce how many tokens have their logits together
   * @param source TorchScript, as {@link #source} gives it
   */
  Kernels(
      LlamaConfig config,
      double scale,
      Device device,
      Arithmetic arithmetic,
      AtOnce atOnce,
      String source) {
    threads = arithmetic.threads();
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("training", false);
    attributes.put("layers", config.layers());
    attributes.put("heads", config.attention().heads());
    attributes.put("kv_heads", config.attention().kvHeads());
    attributes.put("head_dim", config.attention().headDim());
    attributes.put("eps", config.rmsNormEps());
    attributes.put("scale", scale);
    attributes.put("loss_chunk", atOnce.tokens(config.vocabSize()));
    attributes.put("query_block", QUERY_BLOCK);
    attributes.put("row_block", ROW_BLOCK);
    attributes.put("onednn", arithmetic.products() == MatrixProducts.ONEDNN);
    attributes.put("turn_late", config.rotary().scaling().constantUpTo() < Integer.MAX_VALUE);
    for (Class<?> call : KernelCall.class.getPermittedSubclasses()) {
      methods.put(call, KernelMethod.of(call, source));
    }
    byte[] archive = TorchScriptArchive.pack("Kernels", source, attributes);
    manager = NDManager.newBaseManager(device, "PyTorch");
    try {
      module =
          JniUtils.loadModule(
              (PtNDManager) manager, new ByteArrayInputStream(archive), false, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The sources one after the other: named structures, then one class. */
  static String source() {
    StringBuilder source = new StringBuilder();
    for (String part : SOURCES) {
      try (InputStream in = Kernels.class.getResourceAsStream(part + ".torchscript")) {
        source.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return source.toString();
  }

  /**
   * Rows in the type of the weights. DJL has no bfloat16: asked for the type of such a tensor, it
   * ends the JVM.
   *
   * @param manager owns the result
   * @param rows {@code [n, D]}, which may become an argument of no other call
   */
  NDArray rows(NDManager manager, BasePrecision precision, NDArray rows) {
    NDArray wanted = KernelCall.scalar(manager, precision.scalarType());
    return run(new KernelCall.Load(new NDList(rows), wanted)).head();
  }

  /**
   * An array of the type of the weights, whose values are not set yet.
   *
   * @param manager owns it
   */
  NDArray empty(NDManager manager, BasePrecision precision, Shape shape) {
    try (NDManager scratch = manager.newSubManager()) {
      NDArray place = scratch.zeros(new Shape(0));
      NDArray sizes = KernelCall.onHost(scratch, shape.getShape());
      NDArray wanted = KernelCall.scalar(scratch, precision.scalarType());
      NDArray empty = run(new KernelCall.Empty(place, sizes, wanted)).head();
      empty.attach(manager);
      return empty;
    }
  }

  /** Copies rows into those of a larger array from {@code at} on, in its type. */
  void copyRows(NDArray rows, NDArray into, long at) {
    try (NDArray place = KernelCall.scalar(rows.getManager(), at)) {
      run(new KernelCall.CopyInto(rows, into, place)).close();
    }
  }

  /** The same with rows of bfloat16: {@code bits} is of the type of DJL that has as many. */
  void copyBfloat16(NDArray bits, NDArray into, long at) {
    try (NDArray place = KernelCall.scalar(bits.getManager(), at)) {
      run(new KernelCall.CopyBfloat16(bits, into, place)).close();
    }
  }

  /** Runs a method. Autograd is off: every way back is written out. */
  NDList run(KernelCall call) {
    KernelMethod method = methods.get(call.getClass());
    NDList tensors = method.tensors(call);
    tensors.add(names.computeIfAbsent(method.name(), this::methodName));
    // Of the thread that calls; a JVM may run models with one thread a task and others with all.
    JniUtils.setNumThreads(threads);
    // Thread-local: without it libtorch specialises anew for every length of the memory.
    JniUtils.setGraphExecutorOptimize(false);
    // Thread-local too. DJL's own way to run without a graph makes inference tensors, which nothing
    // else may write to.
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(false);
    try {
      return IValueUtils.forward(module, tensors, true);
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
