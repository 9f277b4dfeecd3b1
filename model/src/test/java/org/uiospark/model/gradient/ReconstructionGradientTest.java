package org.uiospark.model.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.Arithmetic;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MatrixProducts;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reference.GoldenCase;
import org.uiospark.model.reference.ReferenceGradient;
import org.uiospark.model.reference.ReferenceModel;
import org.uiospark.model.segment.SegmentSettings;
import org.uiospark.model.segment.SequenceLoss;
import org.uiospark.model.segment.TokenSequence;

public class ReconstructionGradientTest {
  @ParameterizedTest
  @ValueSource(strings = {"mha", "gqa-tied"})
  void lossAndGradientEqualThoseOfTheReference(String name) {
    try (GoldenCase golden = GoldenCase.open(name)) {
      Adapter adapter = withRepeat(golden);
      SegmentSettings segments = golden.model().segments();
      long length = segments.segmentLength();
      AdapterShape shape = adapter.shape();
      ReferenceModel reference =
          new ReferenceModel(
              golden.folder(), segments.segmentLength(), segments.memoryTokens(), shape.scale());
      Map<String, double[]> values = ReferenceModel.tensors(shape, adapter.values());
      // Two full segments, and a tail that is not reconstructed.
      int[] ids = Arrays.copyOf(golden.sequence().inputIds(), 2 * segments.segmentLength() + 3);
      double expected = loss(reference, values, ids, segments);
      ReferenceGradient gradient =
          ReferenceGradient.of(values, moved -> loss(reference, moved, ids, segments));

      for (MatrixProducts products : MatrixProducts.values()) {
        try (MemoryModel model =
                new MemoryModel(golden.base(), segments, shape, new Arithmetic(products, 1));
            DeviceAdapter uploaded = model.upload(adapter);
            AdapterGradient sum = uploaded.newGradient()) {
          SequenceLoss loss =
              new ReconstructionGradient(model).add(sum, TokenSequence.of(name, 0, ids));
          assertThat(loss.labels()).containsExactly(length, length);
          assertThat(loss.sum()).isCloseTo(expected, within(1e-5 * expected));
          gradient.assertClose(ReferenceModel.tensors(shape, sum.copy()));
        }
      }
    }
  }

  /** What the definition says, without a thought of how it is computed. */
  private static double loss(
      ReferenceModel reference,
      Map<String, double[]> adapter,
      int[] ids,
      SegmentSettings segments) {
    int l = segments.segmentLength();
    double total = 0;
    for (int t = 0; (t + 1) * l <= ids.length; t++) {
      int[] segment = Arrays.copyOfRange(ids, t * l, (t + 1) * l);
      double[][] embedded = new double[l + 1][];
      embedded[0] = adapter.get(AdapterShape.REPEAT_EMBEDDING);
      System.arraycopy(reference.embedded(segment, 0, l), 0, embedded, 1, l);
      List<double[][][]> memories = new ArrayList<>();
      memories.add(reference.memory(segment, adapter));
      double[][] logits = reference.logits(memories, embedded, adapter);
      for (int j = 0; j < l; j++) {
        total -= ReferenceModel.logSoftmax(logits[j], 1)[segment[j]];
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
          DeviceAdapter uploaded = model.upload(adapter);
          AdapterGradient sum = uploaded.newGradient()) {
        var gradient = new ReconstructionGradient(model);
        TokenSequence tooShort = TokenSequence.of("note", 32, new int[] {1, 2, 3});
        assertThatThrownBy(() -> gradient.add(sum, tooShort))
            .isInstanceOf(InvalidInputException.class)
            .hasMessageContaining("document note, offset 32")
            .hasMessageContaining("16 tokens");
      }
    }
  }

  /** The adapter of the case, and a {@code <repeat>} of its own. */
  public static Adapter withRepeat(GoldenCase golden) {
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
