package org.uiospark.model.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.uiospark.model.InvalidInputException;

class RopeScalingTest {
  /** Of Llama 3.1: wavelengths below 2048 stay, above 8192 are eight times as long. */
  private static final RopeScaling LLAMA_31 = new RopeScaling.Llama3(8, 1, 4, 8192);

  @Test
  void llama3KeepsShortWavesStretchesLongOnesAndMixesBetween() {
    double shortWave = 2 * Math.PI / 2000;
    double longWave = 2 * Math.PI / 9000;
    double between = 2 * Math.PI / 4096;

    assertThat(LLAMA_31.frequency(shortWave)).isEqualTo(shortWave);
    assertThat(LLAMA_31.frequency(longWave)).isCloseTo(longWave / 8, within(1e-18));
    // 8192 / 4096 turns: a third of the way from 1 to 4
    assertThat(LLAMA_31.frequency(between))
        .isCloseTo(between / 3 + 2 * between / 3 / 8, within(1e-18));
  }

  @Test
  void linearDividesAllAndNoneChangesNoBit() {
    assertThat(new RopeScaling.Linear(4).frequency(0.1)).isEqualTo(0.025);
    assertThat(RopeScaling.NONE.frequency(0.1)).isEqualTo(0.1);
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
