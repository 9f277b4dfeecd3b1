package org.uiospark.model.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.uiospark.model.reference.Distance.relative;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.cost.SegmentCost;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.FrozenLlama;
import org.uiospark.model.kernel.MatrixProducts;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.llama.AttentionConfig;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.llama.RandomLlama;
import org.uiospark.model.llama.RotaryConfig;
import org.uiospark.model.llama.VocabularyConfig;
import org.uiospark.model.reference.GoldenCase;
import org.uiospark.model.reference.TinyFamily;
import org.uiospark.model.segment.SegmentSettings;
import org.uiospark.model.segment.TokenSequence;

class ChunkGradientTest {
  @TempDir Path folder;

  static Stream<Arguments> golden() {
    return Stream.of("mha", "gqa-tied")
        .flatMap(
            name ->
                Stream.of(MatrixProducts.values())
                    .flatMap(
                        products ->
                            IntStream.rangeClosed(1, 3)
                                .mapToObj(size -> Arguments.of(name, products, size))));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void lossesAndGradientsAreTheIndependentOnesAndThoseOfOneSweep(
      String name, MatrixProducts products, int size) {
    try (GoldenCase golden = GoldenCase.open(name, products)) {
      int segments = golden.losses().size();
      Map<PairWeights, String> expected =
          Map.of(
              draw(new Estimator.Exact(), segments), "grad-exact.safetensors",
              draw(new Estimator.Truncated(2), segments), "grad-tbptt-2.safetensors",
              PairWeights.ofReservoir(golden.reservoir(), 2), "grad-unbiased-2.safetensors");
      expected.forEach(
          (weights, file) -> {
            Found found =
                inChunks(
                    golden.model(),
                    golden.adapter(),
                    golden.sequence(),
                    equal(segments, size),
                    weights,
                    Optional.empty());
            for (int t = 0; t < segments; t++) {
              double loss = golden.losses().get(t);
              assertThat(found.losses().get(t)).isCloseTo(loss, within(1e-5 * loss));
            }
            float[] reference = golden.gradient(file);
            float[] mean = found.gradient().clone();
            for (int i = 0; i < mean.length; i++) {
              mean[i] /= golden.sequence().validLabels();
            }
            assertThat(relative(mean, reference)).as(file).isLessThan(1e-4);
            assertThat(relative(found.gradient(), inOne(golden, golden.sequence(), weights)))
                .as(file)
                .isLessThan(1e-6);
          });
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void soAreThoseOfSampledSegmentsAndOfSomeLabels(int size) {
    try (GoldenCase golden = GoldenCase.open("gqa-tied")) {
      int segments = golden.losses().size();
      int[] labels = golden.sequence().inputIds().clone();
      Arrays.fill(labels, 0, labels.length / 3, TokenSequence.IGNORED);
      TokenSequence answers = new TokenSequence("sft", 0, golden.sequence().inputIds(), labels);
      PairWeights weights = draw(new Estimator.Sampled(2), segments);
      Found found =
          inChunks(
              golden.model(),
              golden.adapter(),
              answers,
              equal(segments, size),
              weights,
              Optional.empty());
      assertThat(relative(found.gradient(), inOne(golden, answers, weights))).isLessThan(1e-6);
    }
  }

  /** The window of 40 holds two segments, then it moves; that of 64 holds all. */
  @ParameterizedTest
  @ValueSource(ints = {40, 64})
  void theTeacherOfDistillationReadsOnWhereAChunkBegins(int window) {
    Optional<Distillation> distillation = Optional.of(new Distillation(0.6, 2, window));
    try (GoldenCase golden = GoldenCase.open("mha");
        DeviceAdapter adapter = golden.model().upload(golden.adapter());
        AdapterGradient whole = adapter.newGradient()) {
      int segments = golden.losses().size();
      PairWeights weights = draw(new Estimator.Exact(), segments);
      new SequenceGradient(golden.model(), 0, distillation).add(whole, golden.sequence(), weights);
      Found found =
          inChunks(
              golden.model(),
              golden.adapter(),
              golden.sequence(),
              equal(segments, 2),
              weights,
              distillation);
      assertThat(relative(found.gradient(), whole.copy())).isLessThan(1e-6);
    }
  }

  static Stream<String> families() {
    return TinyFamily.ALL.keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("families")
  void everyFamilyHasTheGradientOfOneSweep(String family) throws IOException {
    TinyFamily.write(folder, TinyFamily.ALL.get(family));
    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32)) {
      AdapterShape shape = AdapterShape.of(base.config(), 3, 6);
      float[] values = new float[shape.size()];
      SplittableRandom random = new SplittableRandom(1);
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (random.nextDouble() - 0.5) / 2;
      }
      Adapter adapter = new Adapter(shape, values);
      int[] ids = random.ints(44, 0, base.config().vocabSize()).toArray();
      TokenSequence sequence = TokenSequence.of(family, 0, ids);
      try (MemoryModel model = new MemoryModel(base, new SegmentSettings(8, 2), shape);
          DeviceAdapter uploaded = model.upload(adapter);
          AdapterGradient whole = uploaded.newGradient()) {
        PairWeights weights = draw(new Estimator.Unbiased(2), 6);
        new SequenceGradient(model, 0).add(whole, sequence, weights);
        Found found = inChunks(model, adapter, sequence, equal(6, 2), weights, Optional.empty());
        // The order of sums rounds otherwise; the values of this adapter are large.
        assertThat(relative(found.gradient(), whole.copy())).isLessThan(1e-5);
      }
    }
  }

  /** What goes from machine to machine is the bank itself. */
  @ParameterizedTest
  @EnumSource
  void aBankArrivesAsItLeft(BasePrecision precision) {
    try (GoldenCase golden = GoldenCase.open("gqa-tied");
        FrozenLlama base = FrozenLlama.load(golden.folder(), Device.cpu(), precision);
        MemoryModel model =
            new MemoryModel(base, golden.model().segments(), golden.adapter().shape());
        DeviceAdapter adapter = model.upload(golden.adapter());
        MemoryBank arrived = bank(model, adapter, golden.sequence(), equal(5, 2));
        MemoryBank left = bank(model, adapter, golden.sequence(), equal(5, 5))) {
      int rows = left.capacity();
      assertThat(arrived.bytes(0, rows)).isEqualTo(left.bytes(0, rows));
      assertThat(arrived.bytes(0, rows)).hasSize(rows * arrived.bytes(0, 1).length);
    }
  }

  @Test
  void aLongSequenceHasOneGradientHoweverItIsCut() {
    LlamaConfig config =
        new LlamaConfig(
            32,
            64,
            3,
            1e-5,
            AttentionConfig.plain(2, 1, 16),
            RotaryConfig.unscaled(1e4, 4096),
            new VocabularyConfig(64, true, 1, List.of(2)));
    RandomLlama.write(folder, config, 3);
    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32)) {
      AdapterShape shape = AdapterShape.of(config, 4, 8);
      SegmentSettings segments = new SegmentSettings(128, 4);
      Adapter adapter = Adapter.initial(shape, base.eosEmbedding(), 1);
      int[] ids = new SplittableRandom(2).ints(16_384, 0, 64).toArray();
      TokenSequence sequence = TokenSequence.of("long", 0, ids);
      SegmentCost cost = SegmentCost.of(config, 4, segments);
      PairWeights weights = draw(new Estimator.Exact(), 128);
      try (MemoryModel model = new MemoryModel(base, segments, shape)) {
        List<float[]> gradients = new ArrayList<>();
        for (int chunkSegments : new int[] {16, 40}) {
          List<SequenceChunk> chunks =
              SequenceChunk.cut(128, SequenceChunk.count(128, chunkSegments), cost);
          gradients.add(
              inChunks(model, adapter, sequence, chunks, weights, Optional.empty()).gradient());
        }
        assertThat(relative(gradients.get(0), gradients.get(1))).isLessThan(1e-5).isPositive();
      }
    }
  }

  @Test
  void chunksThatDecodeBehindOneBankAtOnceDoNotMeet() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (GoldenCase golden = GoldenCase.open("mha");
        DeviceAdapter adapter = golden.model().upload(golden.adapter())) {
      int segments = golden.losses().size();
      PairWeights weights = draw(new Estimator.Exact(), segments);
      List<SequenceChunk> chunks = equal(segments, 1);
      try (MemoryBank bank = bank(golden.model(), adapter, golden.sequence(), chunks)) {
        List<Callable<Double>> decode = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
          SequenceChunk chunk = chunks.get(i % chunks.size());
          decode.add(
              () -> {
                try (DecodedChunk decoded =
                    new ChunkGradient(golden.model(), 0, golden.sequence(), chunk)
                        .decode(bank, weights, Optional.empty())) {
                  return decoded.loss().sum();
                }
              });
        }
        List<Future<Double>> losses = threads.invokeAll(decode);
        for (int i = 0; i < losses.size(); i++) {
          double expected = golden.losses().get(i % chunks.size());
          assertThat(losses.get(i).get()).isCloseTo(expected, within(1e-5 * expected));
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aSequenceWithoutLabelsIsRefusedByEveryChunk() {
    try (GoldenCase golden = GoldenCase.open("mha")) {
      int[] ids = golden.sequence().inputIds();
      int[] labels = new int[ids.length];
      Arrays.fill(labels, TokenSequence.IGNORED);
      TokenSequence none = new TokenSequence("none", 0, ids, labels);
      assertThatThrownBy(
              () -> new ChunkGradient(golden.model(), 0, none, new SequenceChunk(0, 1, 5)))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("document none, offset 0: no label counts");
    }
  }

  private record Found(List<Double> losses, float[] gradient) {}

  /** All three passes over all chunks, with nothing but bytes in between. */
  private static Found inChunks(
      MemoryModel model,
      Adapter adapter,
      TokenSequence sequence,
      List<SequenceChunk> chunks,
      PairWeights weights,
      Optional<Distillation> distillation) {
    List<Double> losses = new ArrayList<>();
    List<List<byte[]>> towards = chunks.stream().<List<byte[]>>map(c -> new ArrayList<>()).toList();
    try (DeviceAdapter uploaded = model.upload(adapter);
        AdapterGradient gradient = uploaded.newGradient()) {
      try (MemoryBank bank = bank(model, uploaded, sequence, chunks)) {
        for (int c = 0; c < chunks.size(); c++) {
          try (DecodedChunk decoded =
              new ChunkGradient(model, 0, sequence, chunks.get(c))
                  .decode(bank, weights, distillation)) {
            losses.addAll(decoded.loss().sums());
            for (int e = 0; e <= c; e++) {
              towards.get(e).add(decoded.towards(chunks.get(e)));
            }
          }
        }
      }
      for (int c = 0; c < chunks.size(); c++) {
        new ChunkGradient(model, 0, sequence, chunks.get(c))
            .back(towards.get(c).iterator(), weights, gradient);
      }
      return new Found(losses, gradient.copy());
    }
  }

  private static MemoryBank bank(
      MemoryModel model,
      DeviceAdapter adapter,
      TokenSequence sequence,
      List<SequenceChunk> chunks) {
    int m = model.segments().memoryTokens();
    MemoryBank bank = model.bank((chunks.get(0).segments() - 1) * m);
    for (SequenceChunk chunk : chunks) {
      bank.put(
          chunk.from() * m,
          new ChunkGradient(model, 0, sequence, chunk).encode(adapter),
          model.base().precision());
    }
    return bank;
  }

  private static List<SequenceChunk> equal(int segments, int size) {
    return IntStream.iterate(0, from -> from < segments, from -> from + size)
        .mapToObj(from -> new SequenceChunk(from, Math.min(segments, from + size), segments))
        .toList();
  }

  private static float[] inOne(GoldenCase golden, TokenSequence sequence, PairWeights weights) {
    try (DeviceAdapter adapter = golden.model().upload(golden.adapter());
        AdapterGradient gradient = adapter.newGradient()) {
      new SequenceGradient(golden.model(), 0).add(gradient, sequence, weights);
      return gradient.copy();
    }
  }

  private static PairWeights draw(Estimator estimator, int segments) {
    return estimator.draw(segments, new SplittableRandom(3));
  }
}
