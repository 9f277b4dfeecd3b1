package org.uiospark.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.uiospark.model.reference.Distance.relative;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.cost.MemoryCount;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.gradient.ChunkGradient;
import org.uiospark.model.gradient.DecodedChunk;
import org.uiospark.model.gradient.SequenceChunk;
import org.uiospark.model.gradient.SequenceGradient;
import org.uiospark.model.reading.SegmentEncoder;
import org.uiospark.model.reading.SequenceEvaluation;
import org.uiospark.model.reference.GoldenCase;
import org.uiospark.model.reference.TinyFamily;
import org.uiospark.model.segment.AtOnce;
import org.uiospark.model.segment.SegmentSettings;
import org.uiospark.model.segment.SequenceLoss;
import org.uiospark.model.segment.TokenSequence;

/** What a GPU computes at once, on the CPU: several segments, and the logits of more or less. */
class SegmentsAtOnceTest {
  private static final long ALL_GRAPHS = Long.MAX_VALUE;

  @TempDir Path folder;

  /** Four memories, or six, in batches of one to four, of which the last may be smaller. */
  static Stream<Arguments> golden() {
    return Stream.of("mha", "gqa-tied")
        .flatMap(
            name ->
                Stream.of(MatrixProducts.values())
                    .flatMap(
                        products ->
                            IntStream.rangeClosed(1, 4)
                                .mapToObj(batch -> Arguments.of(name, products, batch))));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void lossesAndGradientsAreTheIndependentOnes(String name, MatrixProducts products, int batch) {
    try (GoldenCase golden = GoldenCase.open(name);
        MemoryModel model = model(golden, products, new AtOnce(batch, 1 << 20, 128))) {
      int segments = golden.losses().size();
      Map<PairWeights, String> expected =
          Map.of(
              draw(new Estimator.Exact(), segments), "grad-exact.safetensors",
              draw(new Estimator.Truncated(2), segments), "grad-tbptt-2.safetensors",
              PairWeights.ofReservoir(golden.reservoir(), 2), "grad-unbiased-2.safetensors");
      long graph = graph(model);
      expected.forEach(
          (weights, file) -> {
            for (long graphMemory : new long[] {0, 2 * graph, 3 * graph, ALL_GRAPHS}) {
              Found found = inOne(model, golden.adapter(), golden.sequence(), weights, graphMemory);
              assertLosses(golden, found.losses());
              assertThat(relative(mean(golden, found), golden.gradient(file)))
                  .as("%s, %d bytes for graphs", file, graphMemory)
                  .isLessThan(1e-4);
            }
          });
    }
  }

  @ParameterizedTest
  @MethodSource("golden")
  void soAreThoseOfChunks(String name, MatrixProducts products, int batch) {
    try (GoldenCase golden = GoldenCase.open(name);
        MemoryModel model = model(golden, products, new AtOnce(batch, 1 << 20, 128))) {
      int segments = golden.losses().size();
      PairWeights weights = draw(new Estimator.Exact(), segments);
      for (int end : new int[] {3, segments}) {
        SequenceChunk first = new SequenceChunk(0, end, segments);
        Found found = inChunks(model, golden, weights, first);
        assertLosses(golden, found.losses());
        assertThat(relative(mean(golden, found), golden.gradient("grad-exact.safetensors")))
            .isLessThan(1e-4);
      }
    }
  }

  /** Those that are not back-propagated lie between those that are, on the host meanwhile. */
  @ParameterizedTest
  @MethodSource("golden")
  void everyDrawOfSampledIsThatOfOneAtATime(String name, MatrixProducts products, int batch) {
    try (GoldenCase golden = GoldenCase.open(name);
        MemoryModel one = model(golden, products, new AtOnce(1, 1 << 20, 128));
        MemoryModel several = model(golden, products, new AtOnce(batch, 1 << 20, 128))) {
      for (int seed = 0; seed < 6; seed++) {
        PairWeights weights =
            new Estimator.Sampled(2).draw(golden.losses().size(), new SplittableRandom(seed));
        float[] expected = inOne(one, golden.adapter(), golden.sequence(), weights, 0).gradient();
        Found found = inOne(several, golden.adapter(), golden.sequence(), weights, ALL_GRAPHS);
        assertThat(relative(found.gradient(), expected)).isLessThan(1e-6);
      }
    }
  }

  /** A segment has 16 or 24 tokens: some logits at a time, and what is left of them. */
  @ParameterizedTest
  @MethodSource("golden")
  void lossesDoNotDependOnTheLogitsAtOnce(String name, MatrixProducts products, int quarter) {
    try (GoldenCase golden = GoldenCase.open(name);
        MemoryModel model = model(golden, products, new AtOnce(1, 1 << 20, 4 * quarter - 1))) {
      PairWeights exact = draw(new Estimator.Exact(), golden.losses().size());
      Found found = inOne(model, golden.adapter(), golden.sequence(), exact, 0);
      assertLosses(golden, found.losses());
      assertThat(relative(mean(golden, found), golden.gradient("grad-exact.safetensors")))
          .isLessThan(1e-4);
    }
  }

  /** As many memories as tokens: a batch has more of them than a segment tokens. */
  @ParameterizedTest
  @MethodSource("families")
  void everyFamilyHasTheGradientOfOneAtATime(String family) throws IOException {
    TinyFamily.write(folder, TinyFamily.ALL.get(family));
    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32)) {
      AdapterShape shape = AdapterShape.of(base.config(), 3, 6);
      SplittableRandom random = new SplittableRandom(1);
      float[] values = new float[shape.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (random.nextDouble() - 0.5) / 2;
      }
      Adapter adapter = new Adapter(shape, values);
      int[] ids = random.ints(7 * 6 + 3, 0, base.config().vocabSize()).toArray();
      TokenSequence sequence = TokenSequence.of(family, 0, ids);
      PairWeights weights = draw(new Estimator.Unbiased(2), 8);
      List<Found> found = new ArrayList<>();
      for (int batch : new int[] {1, 4}) {
        try (MemoryModel model =
            new MemoryModel(
                base,
                new SegmentSettings(6, 6),
                shape,
                new Arithmetic(MatrixProducts.LIBTORCH, 1),
                new AtOnce(batch, 1 << 20, 128),
                Kernels.source())) {
          found.add(inOne(model, adapter, sequence, weights, ALL_GRAPHS));
        }
      }
      for (int t = 0; t < 8; t++) {
        double expected = found.get(0).losses().get(t);
        assertThat(found.get(1).losses().get(t)).isCloseTo(expected, within(1e-5 * expected));
      }
      assertThat(relative(found.get(1).gradient(), found.get(0).gradient())).isLessThan(1e-5);
    }
  }

  static Stream<String> families() {
    return TinyFamily.ALL.keySet().stream();
  }

  /** A bank that several segments at once filled, and each memory that was seen on the way. */
  @Test
  void memoriesOfABatchAreThoseOfItsSegments() {
    try (GoldenCase golden = GoldenCase.open("gqa-tied");
        MemoryModel model = model(golden, MatrixProducts.LIBTORCH, new AtOnce(3, 1 << 20, 128));
        DeviceAdapter adapter = model.upload(golden.adapter())) {
      SequenceEvaluation evaluation = new SequenceEvaluation(model, golden.sequence());
      Map<String, float[]> expected = golden.tensors("memory.safetensors");
      List<Integer> seen = new ArrayList<>();
      byte[] rows =
          evaluation.encode(
              0,
              4,
              adapter,
              (memory, s) -> {
                seen.add(s);
                // The file has those of the first two.
                for (int i = 0; s < 2 && i < golden.base().config().layers(); i++) {
                  float[] layer = expected.get("memory." + s + "." + i);
                  assertThat(relative(memory.get(i).toFloatArray(), layer)).isLessThan(1e-5);
                }
              });
      assertThat(seen).containsExactly(0, 1, 2, 3);
      int l = model.segments().segmentLength();
      int[] ids = Arrays.copyOf(golden.sequence().inputIds(), 4 * l);
      byte[] read = new SegmentEncoder(model, adapter).encode(0, ids);
      try (MemoryBank bank = evaluation.bank();
          MemoryBank other = evaluation.bank()) {
        bank.put(0, rows, BasePrecision.FLOAT32);
        other.put(0, read, BasePrecision.FLOAT32);
        assertLosses(golden, evaluation.withMemory(bank, 0, 5).sums());
        assertLosses(golden, evaluation.withMemory(other, 0, 5).sums());
      }
    }
  }

  /** There is no GPU here: to copy them there would fail. */
  @Test
  void scalarsStayOnTheHostWhateverTheDevice() {
    try (NDManager gpu = NDManager.newBaseManager(Device.gpu(), "PyTorch")) {
      assertThat(KernelCall.scalar(gpu, 7).toLongArray()).containsExactly(7);
      assertThat(KernelCall.scalar(gpu, 0.7).toDoubleArray()).containsExactly(0.7);
      assertThat(KernelCall.onHost(gpu, 3, 5).toLongArray()).containsExactly(3, 5);
    }
  }

  @Test
  void aGpuTakesMoreAtOnceAndNoMoreThanItsBytes() {
    AtOnce cpu = AtOnce.on(Device.cpu());
    AtOnce gpu = AtOnce.on(Device.gpu());
    assertThat(cpu.segments()).isEqualTo(1);
    assertThat(cpu.withGraph(100)).isEqualTo(1);
    assertThat(gpu.withGraph(0)).isEqualTo(1);
    assertThat(gpu.withGraph(3)).isEqualTo(3);
    assertThat(gpu.withGraph(100)).isEqualTo(gpu.segments());
    for (int vocabulary : new int[] {1, 32_000, 128_256, 1 << 30}) {
      assertThat(cpu.tokens(vocabulary)).isBetween(1, 128);
      assertThat(gpu.tokens(vocabulary)).isGreaterThanOrEqualTo(cpu.tokens(vocabulary));
      assertThat((gpu.tokens(vocabulary) - 1L) * vocabulary * Float.BYTES).isLessThan(256L << 20);
    }
  }

  private static MemoryModel model(GoldenCase golden, MatrixProducts products, AtOnce atOnce) {
    return new MemoryModel(
        golden.base(),
        golden.model().segments(),
        golden.adapter().shape(),
        new Arithmetic(products, 1),
        atOnce,
        Kernels.source());
  }

  private static long graph(MemoryModel model) {
    return MemoryCount.graph(
        model.base().config(), model.shape().rank(), model.segments(), BasePrecision.FLOAT32);
  }

  private static PairWeights draw(Estimator estimator, int segments) {
    return estimator.draw(segments, new SplittableRandom(3));
  }

  private record Found(List<Double> losses, float[] gradient) {}

  private static Found inOne(
      MemoryModel model,
      Adapter adapter,
      TokenSequence sequence,
      PairWeights weights,
      long graphMemory) {
    try (DeviceAdapter uploaded = model.upload(adapter);
        AdapterGradient sum = uploaded.newGradient()) {
      SequenceLoss loss = new SequenceGradient(model, graphMemory).add(sum, sequence, weights);
      return new Found(loss.sums(), sum.copy());
    }
  }

  /** In the first chunk, and one for the rest. */
  private static Found inChunks(
      MemoryModel model, GoldenCase golden, PairWeights weights, SequenceChunk first) {
    List<SequenceChunk> chunks = new ArrayList<>(List.of(first));
    if (first.to() < first.segments()) {
      chunks.add(new SequenceChunk(first.to(), first.segments(), first.segments()));
    }
    List<ChunkGradient> gradients =
        chunks.stream()
            .map(chunk -> new ChunkGradient(model, ALL_GRAPHS, golden.sequence(), chunk))
            .toList();
    int m = model.segments().memoryTokens();
    List<Double> losses = new ArrayList<>();
    try (DeviceAdapter adapter = model.upload(golden.adapter());
        AdapterGradient sum = adapter.newGradient();
        MemoryBank bank = model.bank((first.segments() - 1) * m)) {
      List<List<byte[]>> towards = new ArrayList<>();
      for (int c = 0; c < chunks.size(); c++) {
        bank.put(chunks.get(c).from() * m, gradients.get(c).encode(adapter), BasePrecision.FLOAT32);
        towards.add(new ArrayList<>());
      }
      for (int c = 0; c < chunks.size(); c++) {
        try (DecodedChunk decoded = gradients.get(c).decode(bank, weights, Optional.empty())) {
          losses.addAll(decoded.loss().sums());
          for (int e = 0; e <= c; e++) {
            towards.get(e).add(decoded.towards(chunks.get(e)));
          }
        }
      }
      for (int c = 0; c < chunks.size(); c++) {
        gradients.get(c).back(towards.get(c).iterator(), weights, sum);
      }
      return new Found(losses, sum.copy());
    }
  }

  private static void assertLosses(GoldenCase golden, List<Double> losses) {
    assertThat(losses).hasSameSizeAs(golden.losses());
    for (int t = 0; t < losses.size(); t++) {
      double expected = golden.losses().get(t);
      assertThat(losses.get(t)).isCloseTo(expected, within(1e-5 * expected));
    }
  }

  private static float[] mean(GoldenCase golden, Found found) {
    float[] mean = found.gradient().clone();
    for (int i = 0; i < mean.length; i++) {
      mean[i] /= golden.sequence().validLabels();
    }
    return mean;
  }
}
