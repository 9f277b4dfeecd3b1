package org.uiospark.model.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.uiospark.model.input.InvalidInputException;

class RopeScalingTest {
  /** Of Llama 3.1: wavelengths below 2048 stay, above 8192 are eight times as long. */
  private static final RopeScaling LLAMA_31 = new RopeScaling.Llama3(8, 1, 4, 8192);

  /** What a scaling makes of one frequency: the second of a head of 4 with such a base. */
  private static double scaled(RopeScaling scaling, double frequency) {
    return scaling.frequency(new RopeScaling.Unscaled(1 / (frequency * frequency), 4), 1, 1);
  }

  @Test
  void llama3KeepsShortWavesStretchesLongOnesAndMixesBetween() {
    double shortWave = 2 * Math.PI / 2000;
    double longWave = 2 * Math.PI / 9000;
    double between = 2 * Math.PI / 4096;

    assertThat(scaled(LLAMA_31, shortWave)).isCloseTo(shortWave, within(1e-17));
    assertThat(scaled(LLAMA_31, longWave)).isCloseTo(longWave / 8, within(1e-18));
    // 8192 / 4096 turns: a third of the way from 1 to 4
    assertThat(scaled(LLAMA_31, between))
        .isCloseTo(between / 3 + 2 * between / 3 / 8, within(1e-18));
  }

  @Test
  void linearDividesAllAndNoneChangesNoBit() {
    RopeScaling.Unscaled unscaled = new RopeScaling.Unscaled(10000, 10);
    for (int i = 0; i < 5; i++) {
      double frequency = unscaled.frequency(i);
      assertThat(frequency).isEqualTo(1 / Math.pow(10000, 2.0 * i / 10));
      assertThat(new RopeScaling.Linear(4).frequency(unscaled, i, 9)).isEqualTo(frequency / 4);
      assertThat(RopeScaling.NONE.frequency(unscaled, i, 9)).isEqualTo(frequency);
    }
  }

  @Test
  void factorsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new RopeScaling.Linear(0.5))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("at least 1, not 0.5");
    assertThatThrownBy(() -> new RopeScaling.Llama3(8, 4, 4, 8192))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("low_freq_factor 4.0 and high_freq_factor 4.0");
    assertThatThrownBy(() -> new RopeScaling.Llama3(8, 1, 4, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("original_max_position_embeddings");
  }
}
