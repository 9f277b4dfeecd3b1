package org.uiospark.model.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.gradient.ReconstructionGradientTest;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.FrozenLlama;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reference.GoldenCase;
import org.uiospark.model.reference.ReferenceModel;
import org.uiospark.model.segment.SegmentSettings;

class SegmentReconstructionTest {

  @ParameterizedTest
  @ValueSource(strings = {"mha", "gqa-tied"})
  void tokensEqualThoseOfTheReference(String name) {
    try (GoldenCase golden = GoldenCase.open(name)) {
      Adapter adapter = ReconstructionGradientTest.withRepeat(golden);
      SegmentSettings segments = golden.model().segments();
      int[] segment = Arrays.copyOf(golden.sequence().inputIds(), segments.segmentLength());
      ReferenceModel reference =
          new ReferenceModel(
              golden.folder(),
              segments.segmentLength(),
              segments.memoryTokens(),
              adapter.shape().scale());
      Reference expected =
          new Reference(
              reference, ReferenceModel.tensors(adapter.shape(), adapter.values()), segment);

      try (MemoryModel model = new MemoryModel(golden.base(), segments, adapter.shape());
          DeviceAdapter uploaded = model.upload(adapter)) {
        SegmentReconstruction reconstruction = new SegmentReconstruction(model, uploaded);
        assertThat(reconstruction.predictedWithMemory(segment))
            .containsExactly(expected.predicted(expected.memory()));
        assertThat(reconstruction.predictedWithoutMemory(segment))
            .containsExactly(expected.predicted(List.of()));
        assertThat(reconstruction.generatedWithMemory(segment))
            .containsExactly(expected.generated(expected.memory()));
        assertThat(reconstruction.generatedWithoutMemory())
            .containsExactly(expected.generated(List.of()));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mha", "gqa-tied"})
  void aBfloat16BasePredictsNearlyTheSameTokens(String name) {
    try (GoldenCase golden = GoldenCase.open(name);
        FrozenLlama half =
            FrozenLlama.load(golden.folder(), Device.cpu(), BasePrecision.BFLOAT16)) {
      int[] segment =
          Arrays.copyOf(golden.sequence().inputIds(), golden.model().segments().segmentLength());
      int[] expected = predicted(golden, golden.base(), segment);
      int[] actual = predicted(golden, half, segment);
      long same = IntStream.range(0, actual.length).filter(i -> actual[i] == expected[i]).count();
      assertThat(same).isGreaterThanOrEqualTo(expected.length * 3L / 4);
    }
  }

  private static int[] predicted(GoldenCase golden, FrozenLlama base, int[] segment) {
    Adapter adapter = ReconstructionGradientTest.withRepeat(golden);
    try (MemoryModel model = new MemoryModel(base, golden.model().segments(), adapter.shape());
        DeviceAdapter uploaded = model.upload(adapter)) {
      return new SegmentReconstruction(model, uploaded).predictedWithMemory(segment);
    }
  }

  /** What the definition says, in float64. */
  private record Reference(ReferenceModel reference, Map<String, double[]> adapter, int[] segment) {
    List<double[][][]> memory() {
      List<double[][][]> memories = new ArrayList<>();
      memories.add(reference.memory(segment, adapter));
      return memories;
    }

    int[] predicted(List<double[][][]> memory) {
      return Arrays.copyOf(likeliest(memory, segment), segment.length);
    }

    int[] generated(List<double[][][]> memory) {
      int[] chosen = new int[segment.length];
      for (int i = 0; i < chosen.length; i++) {
        chosen[i] = likeliest(memory, Arrays.copyOf(chosen, i))[i];
      }
      return chosen;
    }

    /** After {@code <repeat>}, and after each of the tokens. */
    private int[] likeliest(List<double[][][]> memory, int[] tokens) {
      double[][] embedded = new double[tokens.length + 1][];
      embedded[0] = adapter.get(AdapterShape.REPEAT_EMBEDDING);
      System.arraycopy(reference.embedded(tokens, 0, tokens.length), 0, embedded, 1, tokens.length);
      double[][] logits = reference.logits(memory, embedded, adapter);
      return Arrays.stream(logits).mapToInt(Reference::best).toArray();
    }

    private static int best(double[] logits) {
      int best = 0;
      for (int i = 1; i < logits.length; i++) {
        best = logits[i] > logits[best] ? i : best;
      }
      return best;
    }
  }

  @Test
  void anAdapterWithoutRepeatIsRefused() {
    try (GoldenCase golden = GoldenCase.open("mha");
        DeviceAdapter uploaded = golden.model().upload(golden.adapter())) {
      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> new SegmentReconstruction(golden.model(), uploaded))
          .withMessageContaining("no repeat_embedding");
    }
  }
}
