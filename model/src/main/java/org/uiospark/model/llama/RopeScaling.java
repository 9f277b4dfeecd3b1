package org.uiospark.model.llama;

import java.util.Locale;
import org.uiospark.model.InvalidInputException;

/**
 * How a model that learned on one window was stretched to a longer one: each frequency of the
 * rotary position embedding, in radians a token, becomes another.
 */
public sealed interface RopeScaling {
  /** Frequencies stay as they are. */
  RopeScaling NONE = new Linear(1);

  /**
   * The frequency that the model uses.
   *
   * @param unscaled {@code theta ^ (-2i / d)}
   */
  double frequency(double unscaled);

  /**
   * All frequencies are divided.
   *
   * @param factor by which the window grew
   */
  record Linear(double factor) implements RopeScaling {
    /** Checks the factor. */
    public Linear {
      atLeastOne(factor);
    }

    @Override
    public double frequency(double unscaled) {
      return unscaled / factor;
    }
  }

  /**
   * Llama 3.1: what turns often in the original window stays, what hardly turns is divided, and
   * between the two the share that stays grows linearly with the number of turns.
   *
   * @param factor by which the window grew
   * @param lowFrequencyFactor turns in the original window up to which a frequency is divided
   * @param highFrequencyFactor turns from which on it stays
   * @param originalWindow tokens of the original window
   */
  record Llama3(
      double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalWindow)
      implements RopeScaling {
    /** Checks the ranges. */
    public Llama3 {
      atLeastOne(factor);
      if (!(lowFrequencyFactor > 0 && highFrequencyFactor > lowFrequencyFactor)) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "RoPE scaling llama3: low_freq_factor %s and high_freq_factor %s must be above 0, the second above the first",
                lowFrequencyFactor,
                highFrequencyFactor));
      }
      if (originalWindow < 1) {
        throw new InvalidInputException(
            "RoPE scaling llama3: original_max_position_embeddings must be positive, not "
                + originalWindow);
      }
    }

    @Override
    public double frequency(double unscaled) {
      double turns = originalWindow * unscaled / (2 * Math.PI);
      double share = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
      double stays = Math.max(0, Math.min(1, share));
      return unscaled * (stays + (1 - stays) / factor);
    }
  }

  private static void atLeastOne(double factor) {
    if (!(factor >= 1 && factor <= Double.MAX_VALUE)) {
      throw new InvalidInputException("RoPE scaling factor must be at least 1, not " + factor);
    }
  }
}
