package org.uiospark.model.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.uiospark.model.reference.Distance.relative;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.Arithmetic;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.FrozenLlama;
import org.uiospark.model.kernel.MatrixProducts;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.MemoryReader;
import org.uiospark.model.reading.SerialReading;
import org.uiospark.model.reference.ReferenceGradient;
import org.uiospark.model.reference.ReferenceModel;
import org.uiospark.model.reference.TinyFamily;
import org.uiospark.model.segment.SegmentSettings;
import org.uiospark.model.segment.SequenceLoss;
import org.uiospark.model.segment.TokenSequence;

/**
 * Each model of the Llama family, tiny and random, against {@link ReferenceModel}: losses, next
 * token, and the exact gradient along a random direction of every tensor of the adapter.
 */
class ModelFamiliesTest {
  private static final SegmentSettings SEGMENTS = new SegmentSettings(8, 2);
  private static final int RANK = 3;
  private static final double ALPHA = 6;

  @TempDir Path folder;

  static Stream<Arguments> cases() {
    return TinyFamily.ALL.keySet().stream()
        .flatMap(
            name -> Stream.of(MatrixProducts.values()).map(product -> Arguments.of(name, product)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lossesNextTokenAndGradientAreThoseOfTheReference(String name, MatrixProducts products)
      throws IOException {
    write(TinyFamily.ALL.get(name));
    assertThatAllAgree(SEGMENTS, sequence(36), products);
  }

  /** Of a segment of 260 tokens the kernels take 256 queries at a time, and then the rest. */
  @ParameterizedTest
  @EnumSource
  void longSegmentsAreComputedAsTheReferenceDoes(MatrixProducts products) throws IOException {
    write(TinyFamily.ALL.get("qwen 2"));
    assertThatAllAgree(new SegmentSettings(260, 2), sequence(520), products);
  }

  /**
   * Pairs of a memory that weigh differently have a sum of their own over t, which {@code exact}
   * does not need: the encoder's gradients through pairs 1, 2, 3 and 4 segments apart add up to it.
   */
  @ParameterizedTest
  @MethodSource("cases")
  void gradientsOfSinglePairsAddUpToTheExactOne(String name, MatrixProducts products)
      throws IOException {
    write(TinyFamily.ALL.get(name));
    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32);
        MemoryModel model = model(base, products)) {
      float[] exact = gradient(model, new Estimator.Exact().draw(5, new SplittableRandom(0)));
      float[] transferAlone = gradient(model, apart(5));
      float[] sum = transferAlone.clone();
      for (int distance = 1; distance < 5; distance++) {
        float[] pairs = gradient(model, apart(distance));
        for (int i = 0; i < sum.length; i++) {
          sum[i] += pairs[i] - transferAlone[i];
        }
      }
      assertThat(relative(sum, exact)).isLessThan(1e-5);
    }
  }

  /** Of five segments each with the one that lies so far before it. */
  private static PairWeights apart(int distance) {
    return PairWeights.ofReservoir(
        IntStream.range(0, 5)
            .mapToObj(t -> t < distance ? Set.<Integer>of() : Set.of(t - distance))
            .toList(),
        5);
  }

  /** Eight bits of mantissa. */
  @ParameterizedTest
  @MethodSource("names")
  void aBfloat16BaseGivesNearlyTheSameLossAndGradient(String name) throws IOException {
    write(TinyFamily.ALL.get(name));
    PairWeights weights = new Estimator.Exact().draw(5, new SplittableRandom(0));
    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32);
        FrozenLlama half = FrozenLlama.load(folder, Device.cpu(), BasePrecision.BFLOAT16);
        MemoryModel model = model(base, MatrixProducts.LIBTORCH);
        MemoryModel halfModel = model(half, MatrixProducts.LIBTORCH);
        DeviceAdapter adapter = model.upload(adapter(model.shape()));
        AdapterGradient sum = adapter.newGradient();
        DeviceAdapter halfAdapter = halfModel.upload(adapter(model.shape()));
        AdapterGradient halfSum = halfAdapter.newGradient()) {
      double loss = new SequenceGradient(model, 0).add(sum, sequence(36), weights).sum();
      SequenceGradient gradient = new SequenceGradient(halfModel, 0);
      assertThat(gradient.add(halfSum, sequence(36), weights).sum())
          .isCloseTo(loss, within(0.05 * loss));
      assertThat(relative(halfSum.copy(), sum.copy())).isLessThan(0.3);
    }
  }

  /** A token's logits do not change with what follows it, however the text comes. */
  @ParameterizedTest
  @MethodSource("cases")
  void readingTokenByTokenGivesTheLogitsOfReadingAtOnce(String name, MatrixProducts products)
      throws IOException {
    write(TinyFamily.ALL.get(name));
    int[] ids = sequence(36).inputIds();
    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32);
        MemoryModel model = model(base, products);
        DeviceAdapter adapter = model.upload(adapter(model.shape()));
        MemoryReader atOnce = new MemoryReader(model, adapter);
        MemoryReader byToken = new MemoryReader(model, adapter)) {
      float[] expected = atOnce.read(ids);
      float[] logits = null;
      for (int id : ids) {
        logits = byToken.read(id);
      }
      for (int i = 0; i < expected.length; i++) {
        assertThat(logits[i]).isCloseTo(expected[i], within(1e-4f));
      }
    }
  }

  static Set<String> names() {
    return TinyFamily.ALL.keySet();
  }

  private static MemoryModel model(FrozenLlama base, MatrixProducts products) {
    AdapterShape shape = AdapterShape.of(base.config(), RANK, ALPHA);
    return new MemoryModel(base, SEGMENTS, shape, new Arithmetic(products, 1));
  }

  private static float[] gradient(MemoryModel model, PairWeights weights) {
    try (DeviceAdapter adapter = model.upload(adapter(model.shape()));
        AdapterGradient sum = adapter.newGradient()) {
      new SequenceGradient(model, Long.MAX_VALUE).add(sum, sequence(36), weights);
      return sum.copy();
    }
  }

  private void assertThatAllAgree(
      SegmentSettings segments, TokenSequence sequence, MatrixProducts products)
      throws IOException {
    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32);
        MemoryModel model =
            new MemoryModel(
                base,
                segments,
                AdapterShape.of(base.config(), RANK, ALPHA),
                new Arithmetic(products, 1));
        DeviceAdapter adapter = model.upload(adapter(model.shape()));
        AdapterGradient sum = adapter.newGradient()) {
      ReferenceModel reference =
          new ReferenceModel(
              folder, segments.segmentLength(), segments.memoryTokens(), model.shape().scale());
      Map<String, double[]> values =
          ReferenceModel.tensors(model.shape(), adapter(model.shape()).values());
      List<Double> expected = reference.losses(sequence, values);

      SequenceLoss loss =
          new SequenceGradient(model, 0)
              .add(
                  sum,
                  sequence,
                  new Estimator.Exact().draw(expected.size(), new SplittableRandom(0)));
      assertClose(loss.sums(), expected, 1e-5);
      assertClose(SerialReading.withMemory(model, adapter, sequence).sums(), expected, 1e-5);

      double[] next = reference.next(sequence.inputIds(), values);
      try (MemoryReader reader = new MemoryReader(model, adapter)) {
        float[] logits = reader.read(sequence.inputIds());
        assertThat(logits).hasSameSizeAs(next);
        for (int i = 0; i < next.length; i++) {
          assertThat((double) logits[i]).isCloseTo(next[i], within(1e-4));
        }
      }

      ReferenceGradient.of(values, moved -> reference.loss(sequence, moved))
          .assertClose(ReferenceModel.tensors(model.shape(), sum.copy()));
    }
  }

  @Test
  void segmentsWithinWhichDynamicRopeChangesAreRefused() throws IOException {
    write(TinyFamily.ALL.get("llama, dynamic beyond its window").replace(": 10,", ": 8,"));
    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32)) {
      assertThatThrownBy(() -> model(base, MatrixProducts.LIBTORCH).close())
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("segment-length 8")
          .hasMessageContaining("changes beyond 8 positions (max_position_embeddings)")
          .hasMessageNotContaining("\n");
    }
  }

  @Test
  void segmentsAsLongAsTheSlidingWindowAreRefused() throws IOException {
    write(TinyFamily.ALL.get("mistral").replace("\"sliding_window\": 9", "\"sliding_window\": 8"));
    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32)) {
      AdapterShape shape = AdapterShape.of(base.config(), RANK, ALPHA);
      assertThatThrownBy(() -> new MemoryModel(base, SEGMENTS, shape).close())
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("segment-length 8")
          .hasMessageContaining("see the last 8 (sliding_window)")
          .hasMessageNotContaining("\n");
      assertThat(base.config().nativeWindow()).isEqualTo(8);
    }
  }

  private void write(String family) throws IOException {
    TinyFamily.write(folder, family);
  }

  private static Adapter adapter(AdapterShape shape) {
    SplittableRandom random = new SplittableRandom(2);
    float[] values = new float[shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.2 * random.nextGaussian());
    }
    return new Adapter(shape, values);
  }

  /** Random tokens; some labels do not count. */
  private static TokenSequence sequence(int tokens) {
    int[] ids = new SplittableRandom(3).ints(tokens, 0, TinyFamily.VOCABULARY).toArray();
    int[] labels = ids.clone();
    for (int j = 10; j < 15; j++) {
      labels[j] = TokenSequence.IGNORED;
    }
    return new TokenSequence("random", 0, ids, labels);
  }

  private static void assertClose(List<Double> actual, List<Double> expected, double tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int t = 0; t < expected.size(); t++) {
      assertThat(actual.get(t)).isCloseTo(expected.get(t), within(tolerance * expected.get(t)));
    }
  }
}
