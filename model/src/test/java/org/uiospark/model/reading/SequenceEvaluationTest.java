package org.uiospark.model.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reference.GoldenCase;
import org.uiospark.model.segment.TokenSequence;

class SequenceEvaluationTest {

  /** The losses of a sequence whose chunks of so many segments are encoded, then read, apart. */
  private static List<Double> inChunks(GoldenCase golden, DeviceAdapter adapter, int size) {
    SequenceEvaluation evaluation = new SequenceEvaluation(golden.model(), golden.sequence());
    int segments = evaluation.segments();
    int m = golden.model().segments().memoryTokens();
    List<Double> losses = new ArrayList<>();
    try (MemoryBank bank = evaluation.bank()) {
      // The last chunk first: each has the memories of its own segments alone.
      for (int from = (segments - 1) / size * size; from >= 0; from -= size) {
        int to = Math.min(from + size, segments - 1);
        byte[] memories = evaluation.encode(from, to, adapter, (memory, s) -> {});
        bank.put(from * m, memories, BasePrecision.FLOAT32);
      }
      for (int from = 0; from < segments; from += size) {
        losses.addAll(evaluation.withMemory(bank, from, Math.min(from + size, segments)).sums());
      }
    }
    return losses;
  }

  @ParameterizedTest
  @CsvSource({"mha, 1", "mha, 2", "mha, 3", "mha, 100", "gqa-tied, 1", "gqa-tied, 2"})
  void lossesOfChunksAreThoseOfTheSequenceReadInOrder(String name, int size) {
    try (GoldenCase golden = GoldenCase.open(name);
        DeviceAdapter adapter = golden.model().upload(golden.adapter())) {
      List<Double> losses = inChunks(golden, adapter, size);

      assertThat(losses)
          .isEqualTo(SerialReading.withMemory(golden.model(), adapter, golden.sequence()).sums());
      for (int t = 0; t < losses.size(); t++) {
        // The independent implementation.
        double expected = golden.losses().get(t);
        assertThat(losses.get(t)).isCloseTo(expected, within(1e-5 * expected));
      }
    }
  }

  @Test
  void aSequenceOfOneSegmentHasNoMemory() {
    try (GoldenCase golden = GoldenCase.open("mha")) {
      int length = golden.model().segments().segmentLength();
      SequenceEvaluation evaluation =
          new SequenceEvaluation(
              golden.model(),
              TokenSequence.of("d", 0, Arrays.copyOf(golden.sequence().inputIds(), length)));
      try (MemoryBank none = evaluation.bank()) {
        assertThat(evaluation.withMemory(none, 0, 1).sums())
            .isEqualTo(evaluation.withoutMemory(0, 1).sums());
      }
    }
  }

  @Test
  void memoriesThatWereSentStandFromTheFirstPositionOn() {
    try (GoldenCase golden = GoldenCase.open("mha");
        DeviceAdapter adapter = golden.model().upload(golden.adapter())) {
      MemoryModel model = golden.model();
      SequenceEvaluation evaluation = new SequenceEvaluation(model, golden.sequence());
      int t = golden.losses().size() - 2;
      List<byte[]> memories = new ArrayList<>();
      evaluation.encode(0, t, adapter, (memory, s) -> memories.add(model.bytes(memory)));

      for (int count : List.of(0, 1, t)) {
        assertThat(evaluation.behind(t, count, memories.subList(t - count, t).iterator(), adapter))
            .isEqualTo(SerialReading.behind(model, adapter, golden.sequence(), t, count));
      }
      double alone = evaluation.withoutMemory(t, t + 1).sum();
      double all = golden.losses().get(t);
      double one = evaluation.behind(t, 1, memories.subList(t - 1, t).iterator(), adapter);
      assertThat(evaluation.behind(t, 0, List.<byte[]>of().iterator(), adapter)).isEqualTo(alone);
      assertThat(evaluation.behind(t, t, memories.iterator(), adapter))
          .isCloseTo(all, within(1e-5 * all));
      assertThat(one).isNotCloseTo(alone, within(1e-4 * alone));
      assertThat(one).isNotCloseTo(all, within(1e-4 * all));
    }
  }

  /** As the window of a model that reads millions of tokens. */
  @Test
  void aWindowTakesNoMoreMemoryThanTheTextThatItHolds() {
    try (GoldenCase golden = GoldenCase.open("mha")) {
      SequenceEvaluation evaluation = new SequenceEvaluation(golden.model(), golden.sequence());
      int tokens = golden.sequence().inputIds().length;
      int segments = evaluation.segments();

      assertThat(evaluation.withWindow(Integer.MAX_VALUE, 0, segments))
          .isEqualTo(evaluation.withWindow(tokens, 0, segments));
    }
  }
}
