package org.uiospark.model.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.InvalidInputException;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;

class ReconstructionGradientTest {
  @ParameterizedTest
  @ValueSource(strings = {"mha", "gqa-tied"})
  void lossAndGradientEqualThoseOfTheReference(String name) {
    try (GoldenCase golden = GoldenCase.open(name)) {
      Adapter adapter = withRepeat(golden);
      SegmentSettings segments = golden.model().segments();
      long length = segments.segmentLength();
      ReferenceObjectives reference =
          new ReferenceObjectives(
              golden.folder(), golden.base().config(), segments, adapter.shape());
      // Two full segments, and a tail that is not reconstructed.
      int[] ids = Arrays.copyOf(golden.sequence().inputIds(), 2 * segments.segmentLength() + 3);

      for (MatrixProducts products : MatrixProducts.values()) {
        try (MemoryModel model =
                new MemoryModel(golden.base(), segments, adapter.shape(), products);
            DeviceAdapter uploaded = model.upload(adapter)) {
          SequenceLoss loss =
              new ReconstructionGradient(model).add(uploaded, TokenSequence.of(name, 0, ids));
          float[] gradient = uploaded.gradientValues();
          assertThat(loss.labels()).containsExactly(length, length);
          double expected = loss(reference, wide(adapter), ids, segments);
          assertThat(loss.sum()).isCloseTo(expected, within(1e-5 * expected));
          ReferenceGradient.assertClose(
              gradient, adapter, values -> loss(reference, values, ids, segments));
        }
      }
    }
  }

  /** What the definition says, without a thought of how it is computed. */
  private static double loss(
      ReferenceObjectives reference, double[] adapter, int[] ids, SegmentSettings segments) {
    int l = segments.segmentLength();
    double total = 0;
    for (int t = 0; (t + 1) * l <= ids.length; t++) {
      int[] segment = Arrays.copyOfRange(ids, t * l, (t + 1) * l);
      double[][] embedded = new double[l + 1][];
      embedded[0] = reference.tensor(adapter, AdapterShape.REPEAT_EMBEDDING);
      for (int j = 0; j < l; j++) {
        embedded[j + 1] = reference.embedding(segment[j]);
      }
      double[][] logits = reference.logits(List.of(reference.memory(adapter, segment)), embedded);
      for (int j = 0; j < l; j++) {
        total -= ReferenceObjectives.logSoftmax(logits[j], 1)[segment[j]];
      }
    }
    return total;
  }

  @Test
  void aSequenceWithoutAFullSegmentIsRefused() {
    try (GoldenCase golden = GoldenCase.open("mha")) {
      Adapter adapter = withRepeat(golden);
      try (MemoryModel model =
              new MemoryModel(golden.base(), golden.model().segments(), adapter.shape());
          DeviceAdapter uploaded = model.upload(adapter)) {
        var gradient = new ReconstructionGradient(model);
        TokenSequence tooShort = TokenSequence.of("note", 32, new int[] {1, 2, 3});
        assertThatThrownBy(() -> gradient.add(uploaded, tooShort))
            .isInstanceOf(InvalidInputException.class)
            .hasMessageContaining("document note, offset 32")
            .hasMessageContaining("16 tokens");
      }
    }
  }

  static double[] wide(Adapter adapter) {
    double[] values = new double[adapter.values().length];
    Arrays.setAll(values, i -> adapter.values()[i]);
    return values;
  }

  /** The adapter of the case, and a {@code <repeat>} of its own. */
  static Adapter withRepeat(GoldenCase golden) {
    AdapterShape shape = golden.adapter().shape().withRepeat();
    float[] values = new float[shape.size()];
    SplittableRandom random = new SplittableRandom(2);
    var before = golden.adapter().shape().slots().iterator();
    for (AdapterShape.Slot slot : shape.slots()) {
      if (slot.name().equals(AdapterShape.REPEAT_EMBEDDING)) {
        for (int i = 0; i < slot.size(); i++) {
          values[slot.offset() + i] = (float) (0.1 * (2 * random.nextDouble() - 1));
        }
      } else {
        System.arraycopy(
            golden.adapter().values(), before.next().offset(), values, slot.offset(), slot.size());
      }
    }
    return new Adapter(shape, values);
  }
}
