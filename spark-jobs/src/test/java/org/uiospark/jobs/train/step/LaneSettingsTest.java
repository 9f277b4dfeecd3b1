package org.uiospark.jobs.train.step;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.uiospark.model.estimator.KeyedRandom;
import org.uiospark.model.segment.SegmentRatios;
import org.uiospark.model.segment.SegmentSettings;

class LaneSettingsTest {
  private static final List<Integer> MEMORY_TOKENS = List.of(4, 8, 16);
  private static final int STEPS = 300;
  private static final int SEQUENCES = 100;

  private static LaneSettings of(long seed, List<Integer> memoryTokens) {
    return new LaneSettings(
        null, new SegmentRatios(32, memoryTokens), 0, null, null, 1, 0, seed, 0, null);
  }

  @Test
  void theMemoryTokensOfASequenceFollowFromSeedStepAndSequenceAlone() {
    int seeds = 0;
    int steps = 0;
    int sequences = 0;
    for (int i = 0; i < 100; i++) {
      SegmentSettings drawn = of(3, MEMORY_TOKENS).segments(i, 7);
      assertThat(of(3, MEMORY_TOKENS).segments(i, 7)).isEqualTo(drawn);
      seeds += drawn.equals(of(4, MEMORY_TOKENS).segments(i, 7)) ? 1 : 0;
      steps += drawn.equals(of(3, MEMORY_TOKENS).segments(i + 1, 7)) ? 1 : 0;
      sequences += drawn.equals(of(3, MEMORY_TOKENS).segments(i, 8)) ? 1 : 0;
    }
    // A third by chance, within five standard deviations.
    assertThat(List.of(seeds, steps, sequences))
        .allSatisfy(same -> assertThat(same).isBetween(10, 57));
    assertThat(of(3, List.of(8)).segments(5, 7)).isEqualTo(new SegmentSettings(32, 8));
  }

  /** Nine cells: what is drawn, and what another draw of the same step and sequence would be. */
  @Test
  void eachIsDrawnAsOftenWhateverTheEstimatorDraws() {
    int[][] cells = new int[3][3];
    LaneSettings settings = of(11, MEMORY_TOKENS);
    for (int step = 0; step < STEPS; step++) {
      for (int sequence = 0; sequence < SEQUENCES; sequence++) {
        int drawn = MEMORY_TOKENS.indexOf(settings.segments(step, sequence).memoryTokens());
        cells[drawn][KeyedRandom.of(11, step, sequence).nextInt(3)]++;
      }
    }
    double expected = STEPS * SEQUENCES / 9.0;
    double chiSquare = 0;
    for (int[] row : cells) {
      for (int count : row) {
        chiSquare += (count - expected) * (count - expected) / expected;
      }
    }
    // 99.9% of chi-square with eight degrees of freedom.
    assertThat(chiSquare).isLessThan(26.12);
  }
}
