package org.uiospark.model.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.PairWeights;
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

class DistillationTest {
  private static final int SEGMENTS = 4;
  private static final PairWeights EXACT =
      new Estimator.Exact().draw(SEGMENTS, new SplittableRandom(0));

  /** The window of 40 holds two segments, then it moves; that of 64 holds all. */
  @ParameterizedTest
  @CsvSource({"mha, 40, 0.6, 2", "gqa-tied, 64, 1, 0.7"})
  void lossAndGradientEqualThoseOfTheReference(
      String name, int window, double weight, double temperature) {
    Distillation distillation = new Distillation(weight, temperature, window);
    try (GoldenCase golden = GoldenCase.open(name)) {
      SegmentSettings segments = golden.model().segments();
      AdapterShape shape = golden.adapter().shape();
      ReferenceModel reference =
          new ReferenceModel(
              golden.folder(), segments.segmentLength(), segments.memoryTokens(), shape.scale());
      Map<String, double[]> values = ReferenceModel.tensors(shape, golden.adapter().values());
      TokenSequence sequence = sequence(golden);
      List<double[][]> teacher = teacher(reference, sequence, segments, window);
      double expected = loss(reference, values, sequence, segments, teacher, distillation);
      ReferenceGradient gradient =
          ReferenceGradient.of(
              values, moved -> loss(reference, moved, sequence, segments, teacher, distillation));
      for (MatrixProducts products : MatrixProducts.values()) {
        try (MemoryModel model =
                new MemoryModel(golden.base(), segments, shape, new Arithmetic(products, 1));
            DeviceAdapter adapter = model.upload(golden.adapter());
            AdapterGradient sum = adapter.newGradient()) {
          SequenceLoss loss =
              new SequenceGradient(model, 0, Optional.of(distillation)).add(sum, sequence, EXACT);
          assertThat(loss.sum()).isCloseTo(expected, within(1e-5 * expected));
          assertThat(loss.validLabels()).isEqualTo(sequence.validLabels());
          gradient.assertClose(ReferenceModel.tensors(shape, sum.copy()));
        }
      }
    }
  }

  /** Three full segments and a tail; some labels do not count. */
  private static TokenSequence sequence(GoldenCase golden) {
    int[] ids = Arrays.copyOf(golden.sequence().inputIds(), 55);
    int[] labels = ids.clone();
    for (int j : new int[] {3, 16, 17, 33, 40, 41, 50}) {
      labels[j] = TokenSequence.IGNORED;
    }
    return new TokenSequence(golden.sequence().docId(), 0, ids, labels);
  }

  /** Logits of each segment after as much raw text as fits the window. */
  private static List<double[][]> teacher(
      ReferenceModel reference, TokenSequence sequence, SegmentSettings segments, int window) {
    int[] ids = sequence.inputIds();
    List<double[][]> logits = new ArrayList<>();
    for (int start = 0; start < ids.length; start += segments.segmentLength()) {
      int end = Math.min(ids.length, start + segments.segmentLength());
      double[][] all =
          reference.logits(
              List.of(), reference.embedded(ids, Math.max(0, end - window), end), Map.of());
      logits.add(Arrays.copyOfRange(all, all.length - (end - start), all.length));
    }
    return logits;
  }

  private static double loss(
      ReferenceModel reference,
      Map<String, double[]> adapter,
      TokenSequence sequence,
      SegmentSettings segments,
      List<double[][]> teacher,
      Distillation distillation) {
    int l = segments.segmentLength();
    int[] ids = sequence.inputIds();
    double tau = distillation.temperature();
    List<double[][][]> memories = new ArrayList<>();
    double total = 0;
    for (int t = 0; t < teacher.size(); t++) {
      int end = Math.min(ids.length, (t + 1) * l);
      double[][] logits = reference.logits(memories, reference.embedded(ids, t * l, end), adapter);
      for (int j = 0; j < logits.length; j++) {
        int next = t * l + j + 1;
        if (next < ids.length && sequence.labels()[next] != TokenSequence.IGNORED) {
          double[] student = ReferenceModel.logSoftmax(logits[j], tau);
          double[] goal = ReferenceModel.logSoftmax(teacher.get(t)[j], tau);
          for (int v = 0; v < goal.length; v++) {
            double apart = Math.exp(goal[v]) * (goal[v] - student[v]);
            total += distillation.weight() * tau * tau * apart;
          }
          double hard = ReferenceModel.logSoftmax(logits[j], 1)[sequence.labels()[next]];
          total -= (1 - distillation.weight()) * hard;
        }
      }
      if (end == (t + 1) * l) {
        memories.add(reference.memory(Arrays.copyOfRange(ids, t * l, end), adapter));
      }
    }
    return total;
  }

  @Test
  void aWindowBelowASegmentIsRefused() {
    try (GoldenCase golden = GoldenCase.open("mha");
        DeviceAdapter adapter = golden.model().upload(golden.adapter());
        AdapterGradient sum = adapter.newGradient()) {
      var gradient =
          new SequenceGradient(golden.model(), 0, Optional.of(new Distillation(0.5, 1, 8)));
      assertThatThrownBy(() -> gradient.add(sum, golden.sequence(), EXACT))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("distill-window 8 is below the segment length 16");
    }
  }
}
