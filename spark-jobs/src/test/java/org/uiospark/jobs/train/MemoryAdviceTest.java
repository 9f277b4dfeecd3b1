package org.uiospark.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.model.cost.MemoryCount;

class MemoryAdviceTest {
  @ParameterizedTest
  @CsvSource({
    "9, 1, 2, 2, 5, 3, '--graph-memory', 23",
    "9, 1, 2, 4, 5, 3, '--memory-tokens', 25",
    "9, 1, 2, 2, 0, 6, '--segment-length', 30",
    "90, 4, 1, 1, 1, 3, '--rank', 4"
  })
  void theLargestPartThatASettingBoundsIsNamed(
      long base,
      long adapter,
      long bank,
      long bankGradient,
      long graphs,
      long activations,
      String setting,
      int percent) {
    MemoryCount count =
        new MemoryCount(base, adapter, bank, bankGradient, 1, 1, graphs, activations, 0);

    assertThat(MemoryAdvice.remedy(count))
        .startsWith("lower " + setting)
        .contains(" take up to " + percent + "% of what a task needs");
  }
}
