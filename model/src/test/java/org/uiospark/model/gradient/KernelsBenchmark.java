package org.uiospark.model.gradient;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.EncodedSegments;
import org.uiospark.model.kernel.FrozenLlama;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.llama.AttentionConfig;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.llama.RandomLlama;
import org.uiospark.model.llama.RotaryConfig;
import org.uiospark.model.llama.VocabularyConfig;
import org.uiospark.model.segment.SegmentSettings;

/** The kernels of a segment, on the model that {@code bench} makes by default; one torch thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-Dai.djl.offline=true",
      "-Dai.djl.pytorch.num_threads=1",
      "-Dai.djl.pytorch.num_interop_threads=1",
      "-Dai.djl.pytorch.graph_optimizer=false"
    })
public class KernelsBenchmark {
  private static final LlamaConfig CONFIG =
      new LlamaConfig(
          512,
          1376,
          8,
          1e-5,
          AttentionConfig.plain(8, 8, 64),
          RotaryConfig.unscaled(10_000, 4096),
          new VocabularyConfig(4096, false, 1, List.of(2)));
  private static final SegmentSettings SEGMENTS = new SegmentSettings(512, 64);
  private static final int BEFORE = 8;

  private FrozenLlama base;
  private MemoryModel model;
  private DeviceAdapter adapter;
  private AdapterGradient gradient;
  private MemoryBank bank;
  private NDManager manager;
  private NDArray ids;
  private NDArray targets;
  private PairSums towards;

  /** A bank with the memories of eight segments. */
  @Setup
  public void open() throws IOException {
    Path folder = Files.createTempDirectory("uio-jmh-");
    try {
      RandomLlama.write(folder, CONFIG, 0);
      base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32);
    } finally {
      Files.deleteIfExists(folder.resolve("model.safetensors"));
      Files.deleteIfExists(folder.resolve("config.json"));
      Files.delete(folder);
    }
    AdapterShape shape = AdapterShape.of(CONFIG, 32, 64);
    model = new MemoryModel(base, SEGMENTS, shape);
    adapter = model.upload(Adapter.initial(shape, base.eosEmbedding(), 0));
    gradient = adapter.newGradient();
    manager = base.newManager();
    ids = tokens(1);
    targets = tokens(2);
    int rows = BEFORE * SEGMENTS.memoryTokens();
    bank = model.bank(rows);
    PairWeights weights = new Estimator.Exact().draw(BEFORE + 1, new SplittableRandom(0));
    towards = new PairSums(model, bank, weights, rows);
    for (int s = 0; s < BEFORE; s++) {
      try (NDManager scratch = base.newManager()) {
        bank.append(model.encode(copy(ids, scratch), adapter), adapter);
      }
    }
  }

  private NDArray tokens(long seed) {
    long[] values =
        new SplittableRandom(seed).longs(SEGMENTS.segmentLength(), 0, CONFIG.vocabSize()).toArray();
    return manager.create(LongBuffer.wrap(values), new Shape(values.length), DataType.INT64);
  }

  /** What a kernel makes belongs to the manager of its arguments. */
  private static NDArray copy(NDArray array, NDManager scratch) {
    NDArray copy = array.duplicate();
    copy.attach(scratch);
    return copy;
  }

  /** Encoding without a tape. */
  @Benchmark
  public void encode() {
    try (NDManager scratch = base.newManager()) {
      model.encode(copy(ids, scratch), adapter);
    }
  }

  /** Encoding with a tape, and the gradient of the encoder from it. */
  @Benchmark
  public void encodeAndGradient() {
    try (NDManager scratch = base.newManager()) {
      EncodedSegments encoded = model.encodeWithTape(copy(ids, scratch), adapter);
      model.propagate(encoded.memory().duplicate(), encoded, gradient);
    }
  }

  /** The loss of a segment after eight memories. */
  @Benchmark
  public double decodeLoss() {
    try (NDManager scratch = base.newManager()) {
      return bank.loss(copy(ids, scratch), copy(targets, scratch)).toDoubleArray()[0];
    }
  }

  /** The loss of a segment after eight memories, and its gradient towards them. */
  @Benchmark
  public double decodeGradient() {
    try (NDManager scratch = base.newManager()) {
      return towards.add(
              BEFORE, copy(ids, scratch), copy(targets, scratch), SegmentLoss.CROSS_ENTROPY)
          .toDoubleArray()[0];
    }
  }

  /** Frees what the kernels used. */
  @TearDown
  public void close() {
    towards.close();
    bank.close();
    gradient.close();
    adapter.close();
    manager.close();
    model.close();
    base.close();
  }
}
