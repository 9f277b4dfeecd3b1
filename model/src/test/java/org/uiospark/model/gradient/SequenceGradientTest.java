package org.uiospark.model.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.uiospark.model.reference.Distance.relative;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.KeyedRandom;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.Arithmetic;
import org.uiospark.model.kernel.BankGradient;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.FrozenLlama;
import org.uiospark.model.kernel.MatrixProducts;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.SerialReading;
import org.uiospark.model.reference.GoldenCase;
import org.uiospark.model.segment.NonFiniteException;
import org.uiospark.model.segment.SegmentSettings;
import org.uiospark.model.segment.SequenceLoss;
import org.uiospark.model.segment.TokenSequence;

class SequenceGradientTest {
  private static final long ALL_GRAPHS = Long.MAX_VALUE;

  @ParameterizedTest
  @CsvSource({"mha, ONEDNN", "mha, LIBTORCH", "gqa-tied, ONEDNN", "gqa-tied, LIBTORCH"})
  void lossesEqualTheIndependentOnes(String name, MatrixProducts products) {
    try (GoldenCase golden = GoldenCase.open(name, products);
        DeviceAdapter adapter = golden.model().upload(golden.adapter());
        AdapterGradient sum = adapter.newGradient()) {
      SequenceLoss loss =
          new SequenceGradient(golden.model(), 0)
              .add(sum, golden.sequence(), exact(golden.losses().size()));
      SequenceLoss evaluated = SerialReading.withMemory(golden.model(), adapter, golden.sequence());
      assertThat(loss.validLabels()).isEqualTo(golden.expected().get("valid_labels").asLong());
      assertThat(loss.sums()).hasSameSizeAs(golden.losses());
      for (int t = 0; t < loss.sums().size(); t++) {
        double expected = golden.losses().get(t);
        assertThat(loss.sums().get(t)).isCloseTo(expected, within(1e-5 * expected));
        assertThat(evaluated.sums().get(t)).isCloseTo(expected, within(1e-5 * expected));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"mha, ONEDNN", "mha, LIBTORCH", "gqa-tied, ONEDNN", "gqa-tied, LIBTORCH"})
  void exactEqualsFullBackpropagationThroughTime(String name, MatrixProducts products) {
    try (GoldenCase golden = GoldenCase.open(name, products)) {
      PairWeights weights = exact(golden.losses().size());
      assertGradient(golden, weights, "grad-exact.safetensors");
    }
  }

  @ParameterizedTest
  @CsvSource({"mha, ONEDNN", "mha, LIBTORCH", "gqa-tied, ONEDNN", "gqa-tied, LIBTORCH"})
  void tbpttEqualsTheIndependentOne(String name, MatrixProducts products) {
    try (GoldenCase golden = GoldenCase.open(name, products)) {
      PairWeights weights =
          new Estimator.Truncated(2).draw(golden.losses().size(), new SplittableRandom(0));
      assertGradient(golden, weights, "grad-tbptt-2.safetensors");
    }
  }

  @ParameterizedTest
  @CsvSource({"mha, ONEDNN", "mha, LIBTORCH", "gqa-tied, ONEDNN", "gqa-tied, LIBTORCH"})
  void unbiasedEqualsTheIndependentOneUnderItsSchedule(String name, MatrixProducts products) {
    try (GoldenCase golden = GoldenCase.open(name, products)) {
      PairWeights weights = PairWeights.ofReservoir(golden.reservoir(), 2);
      assertGradient(golden, weights, "grad-unbiased-2.safetensors");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mha", "gqa-tied"})
  void graphsKeptAndSegmentsEncodedAgainGiveTheSameGradient(String name) {
    try (GoldenCase golden = GoldenCase.open(name)) {
      PairWeights weights = PairWeights.ofReservoir(golden.reservoir(), 2);
      float[] kept = gradient(golden, weights, ALL_GRAPHS);
      assertThat(relative(gradient(golden, weights, 0), kept)).isLessThan(1e-6);
    }
  }

  /** A sum over labels, so those of the first half and those of the rest give what all give. */
  @ParameterizedTest
  @ValueSource(strings = {"mha", "gqa-tied"})
  void segmentsWithoutLabelsAddNothing(String name) {
    try (GoldenCase golden = GoldenCase.open(name);
        DeviceAdapter adapter = golden.model().upload(golden.adapter());
        AdapterGradient all = adapter.newGradient();
        AdapterGradient parts = adapter.newGradient()) {
      SequenceGradient gradient = new SequenceGradient(golden.model(), 0);
      PairWeights weights = exact(golden.losses().size());
      int half = golden.sequence().inputIds().length / 2;
      SequenceLoss loss = gradient.add(all, golden.sequence(), weights);
      SequenceLoss front = gradient.add(parts, labelled(golden.sequence(), 0, half), weights);
      SequenceLoss back =
          gradient.add(
              parts,
              labelled(golden.sequence(), half, golden.sequence().inputIds().length),
              weights);
      assertThat(front.sums().get(golden.losses().size() - 1)).isZero();
      assertThat(back.sums().get(0)).isZero();
      assertThat(front.sum() + back.sum()).isCloseTo(loss.sum(), within(1e-5 * loss.sum()));
      assertThat(relative(parts.copy(), all.copy())).isLessThan(1e-5);
    }
  }

  private static TokenSequence labelled(TokenSequence whole, int from, int to) {
    int[] labels = new int[whole.labels().length];
    Arrays.fill(labels, TokenSequence.IGNORED);
    System.arraycopy(whole.labels(), from, labels, from, to - from);
    return new TokenSequence(whole.docId(), whole.offset(), whole.inputIds(), labels);
  }

  @Test
  void samplingEverySegmentIsExact() {
    try (GoldenCase golden = GoldenCase.open("mha")) {
      int segments = golden.losses().size();
      PairWeights all = new Estimator.Sampled(segments - 1).draw(segments, new SplittableRandom(3));
      assertThat(gradient(golden, all, 0)).containsExactly(gradient(golden, exact(segments), 0));
    }
  }

  /**
   * The mean of n independent unbiased draws has, in expectation, a squared distance to the exact
   * gradient of (variance of one draw) / n. Five times that bound is passed by chance in less than
   * one of five runs of any distribution (Markov), and the draws are fixed by their seed.
   */
  @Test
  void meanOfSampledDrawsConvergesToExact() {
    try (GoldenCase golden = GoldenCase.open("mha")) {
      int segments = golden.losses().size();
      float[] exact = gradient(golden, exact(segments), 0);
      int draws = 200;
      double[] mean = new double[exact.length];
      double variance = 0;
      for (int n = 0; n < draws; n++) {
        PairWeights weights = new Estimator.Sampled(2).draw(segments, KeyedRandom.of(7, n, 0));
        float[] drawn = gradient(golden, weights, ALL_GRAPHS);
        for (int i = 0; i < mean.length; i++) {
          mean[i] += drawn[i] / (double) draws;
        }
        variance += Math.pow(relative(drawn, exact), 2) / draws;
      }
      float[] rounded = new float[mean.length];
      for (int i = 0; i < mean.length; i++) {
        rounded[i] = (float) mean[i];
      }
      double squared = Math.pow(relative(rounded, exact), 2);
      assertThat(variance).isGreaterThan(0.01);
      assertThat(squared).isLessThan(5 * variance / draws);
    }
  }

  /** The golden segments fit in one block of queries; these do not. */
  @ParameterizedTest
  @ValueSource(strings = {"mha", "gqa-tied"})
  void attentionByBlocksGivesTheGradientOfFusedAttention(String name) {
    try (GoldenCase golden = GoldenCase.open(name)) {
      FrozenLlama base = golden.base();
      int vocabulary = base.config().vocabSize();
      int[] ids = new SplittableRandom(5).ints(1000, 0, vocabulary).toArray();
      TokenSequence sequence = TokenSequence.of(name, 0, ids);
      List<float[]> gradients = new ArrayList<>();
      for (MatrixProducts products : MatrixProducts.values()) {
        try (MemoryModel model =
                new MemoryModel(
                    base,
                    new SegmentSettings(320, 16),
                    golden.adapter().shape(),
                    new Arithmetic(products, 1));
            DeviceAdapter adapter = model.upload(golden.adapter());
            AdapterGradient sum = adapter.newGradient()) {
          new SequenceGradient(model, 0).add(sum, sequence, exact(4));
          gradients.add(sum.copy());
        }
      }
      assertThat(relative(gradients.get(0), gradients.get(1))).isLessThan(1e-5);
    }
  }

  /** Eight bits of mantissa: the losses stay within two percent, the adapter's gradient float32. */
  @ParameterizedTest
  @ValueSource(strings = {"mha", "gqa-tied"})
  void aBfloat16BaseGivesNearlyTheSameLossAndGradient(String name) {
    try (GoldenCase golden = GoldenCase.open(name);
        FrozenLlama half = FrozenLlama.load(golden.folder(), Device.cpu(), BasePrecision.BFLOAT16);
        MemoryModel model =
            new MemoryModel(half, golden.model().segments(), golden.adapter().shape());
        DeviceAdapter adapter = model.upload(golden.adapter());
        AdapterGradient sum = adapter.newGradient()) {
      PairWeights weights = PairWeights.ofReservoir(golden.reservoir(), 2);
      SequenceLoss loss = new SequenceGradient(model, 0).add(sum, golden.sequence(), weights);
      double expected = golden.losses().stream().mapToDouble(Double::doubleValue).sum();
      assertThat(loss.sum()).isCloseTo(expected, within(0.02 * expected));
      float[] gradient = sum.copy();
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] /= loss.validLabels();
      }
      assertThat(relative(gradient, gradient(golden, weights, 0))).isLessThan(0.2);
    }
  }

  @Test
  void aBankKeepsNoGradientThatIsDoneWith() {
    try (GoldenCase golden = GoldenCase.open("mha");
        MemoryBank bank = golden.model().bank(8)) {
      NDManager held = bank.keysAndValues().head().getManager();
      int before = held.getManagedArrays().size();
      BankGradient.unweighted(golden.model(), bank, 8).close();
      BankGradient.weighted(golden.model(), bank, 8).close();
      assertThat(held.getManagedArrays()).hasSize(before);
    }
  }

  @Test
  void theEncoderOfTheLastLayerHasNoGradient() {
    try (GoldenCase golden = GoldenCase.open("mha")) {
      float[] gradient = gradient(golden, exact(golden.losses().size()), 0);
      for (AdapterShape.Slot slot : golden.adapter().shape().slots()) {
        if (slot.name().startsWith("encoder.layers.2.")) {
          for (int i = 0; i < slot.size(); i++) {
            assertThat(gradient[slot.offset() + i]).isZero();
          }
        }
      }
    }
  }

  @Test
  void aNonFiniteLossNamesTheSequence() {
    try (GoldenCase golden = GoldenCase.open("mha")) {
      float[] poisoned = golden.adapter().values().clone();
      poisoned[poisoned.length - 1] = Float.NaN;
      Adapter adapter = new Adapter(golden.adapter().shape(), poisoned);
      try (DeviceAdapter uploaded = golden.model().upload(adapter);
          AdapterGradient sum = uploaded.newGradient()) {
        SequenceGradient gradient = new SequenceGradient(golden.model(), 0);
        PairWeights weights = exact(golden.losses().size());
        assertThatThrownBy(() -> gradient.add(sum, golden.sequence(), weights))
            .isInstanceOf(NonFiniteException.class)
            .hasMessageContaining("document mha, offset 0");
      }
    }
  }

  private static PairWeights exact(int segments) {
    return new Estimator.Exact().draw(segments, new SplittableRandom(0));
  }

  private static void assertGradient(GoldenCase golden, PairWeights weights, String file) {
    Map<String, float[]> expected = golden.tensors(file);
    AdapterShape shape = golden.adapter().shape();
    float[] flat = new float[shape.size()];
    for (AdapterShape.Slot slot : shape.slots()) {
      float[] tensor = expected.remove(slot.name());
      System.arraycopy(tensor, 0, flat, slot.offset(), slot.size());
    }
    assertThat(expected).isEmpty();
    for (long graphMemory : new long[] {0, ALL_GRAPHS}) {
      float[] actual = gradient(golden, weights, graphMemory);
      assertThat(relative(actual, flat)).isLessThan(1e-4);
      for (AdapterShape.Slot slot : shape.slots()) {
        float[] tensor = new float[slot.size()];
        System.arraycopy(flat, slot.offset(), tensor, 0, slot.size());
        float[] computed = new float[slot.size()];
        System.arraycopy(actual, slot.offset(), computed, 0, slot.size());
        assertThat(relative(computed, tensor)).as(slot.name()).isLessThan(1e-4);
      }
    }
  }

  /** The gradient of the loss divided by its valid labels. */
  private static float[] gradient(GoldenCase golden, PairWeights weights, long graphMemory) {
    try (DeviceAdapter adapter = golden.model().upload(golden.adapter());
        AdapterGradient sum = adapter.newGradient()) {
      SequenceLoss loss =
          new SequenceGradient(golden.model(), graphMemory).add(sum, golden.sequence(), weights);
      float[] values = sum.copy();
      for (int i = 0; i < values.length; i++) {
        values[i] /= loss.validLabels();
      }
      return values;
    }
  }
}
