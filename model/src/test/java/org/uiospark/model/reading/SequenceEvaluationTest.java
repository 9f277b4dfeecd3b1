package org.uiospark.model.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.reference.GoldenCase;

class SequenceEvaluationTest {

  @Test
  void allMemoriesOrNoneBehindASegmentGiveTheLossesWithAndWithoutMemory() {
    try (GoldenCase golden = GoldenCase.open("mha");
        DeviceAdapter adapter = golden.model().upload(golden.adapter())) {
      SequenceEvaluation evaluation = new SequenceEvaluation(golden.model());
      int t = golden.losses().size() - 2;

      List<Double> behind =
          evaluation.memoryCurve(adapter, golden.sequence(), t, List.of(0, 1, t)).target();

      double alone = evaluation.withoutMemory(golden.sequence()).sums().get(t);
      assertThat(behind.get(0)).isCloseTo(alone, within(1e-6 * alone));
      // The independent implementation has all memories.
      double all = golden.losses().get(t);
      assertThat(behind.get(2)).isCloseTo(all, within(1e-5 * all));
      assertThat(behind.get(1)).isNotCloseTo(alone, within(1e-4 * alone));
      assertThat(behind.get(1)).isNotCloseTo(all, within(1e-4 * all));
    }
  }

  /** As the window of a model that reads millions of tokens. */
  @Test
  void aWindowTakesNoMoreMemoryThanTheTextThatItHolds() {
    try (GoldenCase golden = GoldenCase.open("mha")) {
      SequenceEvaluation evaluation = new SequenceEvaluation(golden.model());
      int tokens = golden.sequence().inputIds().length;

      assertThat(evaluation.withWindow(golden.sequence(), Integer.MAX_VALUE))
          .isEqualTo(evaluation.withWindow(golden.sequence(), tokens));
    }
  }

  @Test
  void holdingTheMemoriesForTheCurveChangesNoBitOfTheLossWithMemory() {
    try (GoldenCase golden = GoldenCase.open("mha");
        DeviceAdapter adapter = golden.model().upload(golden.adapter())) {
      SequenceEvaluation evaluation = new SequenceEvaluation(golden.model());
      int t = golden.losses().size() - 2;

      assertThat(evaluation.memoryCurve(adapter, golden.sequence(), t, List.of(0, t)).withMemory())
          .isEqualTo(evaluation.withMemory(adapter, golden.sequence()));
    }
  }
}
