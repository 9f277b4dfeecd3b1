package org.uiospark.model.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.model.InvalidInputException;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.PairWeights;

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
      ReferenceObjectives reference =
          new ReferenceObjectives(
              golden.folder(), golden.base().config(), segments, golden.adapter().shape());
      TokenSequence sequence = sequence(golden);
      List<double[][]> teacher = teacher(reference, sequence, segments, window);
      for (MatrixProducts products : MatrixProducts.values()) {
        try (MemoryModel model =
                new MemoryModel(golden.base(), segments, golden.adapter().shape(), products);
            DeviceAdapter adapter = model.upload(golden.adapter())) {
          SequenceLoss loss =
              new SequenceGradient(model, 0, Optional.of(distillation))
                  .add(adapter, sequence, EXACT);
          double[] values = new double[golden.adapter().values().length];
          Arrays.setAll(values, i -> golden.adapter().values()[i]);
          double expected = loss(reference, values, sequence, segments, teacher, distillation);
          assertThat(loss.sum()).isCloseTo(expected, within(1e-5 * expected));
          assertThat(loss.validLabels()).isEqualTo(sequence.validLabels());
          ReferenceGradient.assertClose(
              adapter.gradientValues(),
              golden.adapter(),
              v -> loss(reference, v, sequence, segments, teacher, distillation));
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
      ReferenceObjectives reference, TokenSequence sequence, SegmentSettings segments, int window) {
    int[] ids = sequence.inputIds();
    List<double[][]> logits = new ArrayList<>();
    for (int start = 0; start < ids.length; start += segments.segmentLength()) {
      int end = Math.min(ids.length, start + segments.segmentLength());
      double[][] all =
          reference.logits(List.of(), embedded(reference, ids, Math.max(0, end - window), end));
      logits.add(Arrays.copyOfRange(all, all.length - (end - start), all.length));
    }
    return logits;
  }

  private static double[][] embedded(ReferenceObjectives reference, int[] ids, int from, int to) {
    return Arrays.stream(ids, from, to).mapToObj(reference::embedding).toArray(double[][]::new);
  }

  private static double loss(
      ReferenceObjectives reference,
      double[] adapter,
      TokenSequence sequence,
      SegmentSettings segments,
      List<double[][]> teacher,
      Distillation distillation) {
    int l = segments.segmentLength();
    int[] ids = sequence.inputIds();
    double tau = distillation.temperature();
    List<ReferenceObjectives.Rows> memories = new ArrayList<>();
    double total = 0;
    for (int t = 0; t < teacher.size(); t++) {
      int end = Math.min(ids.length, (t + 1) * l);
      double[][] logits = reference.logits(memories, embedded(reference, ids, t * l, end));
      for (int j = 0; j < logits.length; j++) {
        int next = t * l + j + 1;
        if (next < ids.length && sequence.labels()[next] != TokenSequence.IGNORED) {
          double[] student = ReferenceObjectives.logSoftmax(logits[j], tau);
          double[] goal = ReferenceObjectives.logSoftmax(teacher.get(t)[j], tau);
          for (int v = 0; v < goal.length; v++) {
            double apart = Math.exp(goal[v]) * (goal[v] - student[v]);
            total += distillation.weight() * tau * tau * apart;
          }
          double hard = ReferenceObjectives.logSoftmax(logits[j], 1)[sequence.labels()[next]];
          total -= (1 - distillation.weight()) * hard;
        }
      }
      if (end == (t + 1) * l) {
        memories.add(reference.memory(adapter, Arrays.copyOfRange(ids, t * l, end)));
      }
    }
    return total;
  }

  @Test
  void aWindowBelowASegmentIsRefused() {
    try (GoldenCase golden = GoldenCase.open("mha");
        DeviceAdapter adapter = golden.model().upload(golden.adapter())) {
      var gradient =
          new SequenceGradient(golden.model(), 0, Optional.of(new Distillation(0.5, 1, 8)));
      assertThatThrownBy(() -> gradient.add(adapter, golden.sequence(), EXACT))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("distill-window 8 is below the segment length 16");
    }
  }
}
