package org.uiospark.model.llama;

import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;

/**
 * How a model that learned on one window was stretched to a longer one: each frequency of the
 * rotary position embedding, in radians a token, becomes another.
 */
public sealed interface RopeScaling {
  /** Frequencies stay as they are. */
  RopeScaling NONE = new Linear(1);

  /**
   * The rotary position embedding as it was before.
   *
   * @param theta its base
   * @param headDim size d of a head
   */
  record Unscaled(double theta, int headDim) {
    /** Frequency i, {@code theta ^ (-2i / d)}; i below {@code d / 2}. */
    public double frequency(int i) {
      return 1 / Math.pow(theta, 2.0 * i / headDim);
    }
  }

  /**
   * The frequency that the model uses.
   *
   * @param i below {@code d / 2}
   * @param reach number of positions in use at once, from 0 on
   */
  double frequency(Unscaled unscaled, int i, int reach);

  /** What cosines and sines are multiplied with, and with that queries and keys. */
  default double magnitude() {
    return 1;
  }

  /** The most positions in use at once up to which frequencies do not depend on their number. */
  default int constantUpTo() {
    return Integer.MAX_VALUE;
  }

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
    public double frequency(Unscaled unscaled, int i, int reach) {
      return unscaled.frequency(i) / factor;
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
      positiveWindow("llama3", originalWindow);
    }

    @Override
    public double frequency(Unscaled unscaled, int i, int reach) {
      double frequency = unscaled.frequency(i);
      double turns = originalWindow * frequency / (2 * Math.PI);
      double share = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
      double stays = Math.max(0, Math.min(1, share));
      return frequency * (stays + (1 - stays) / factor);
    }
  }

  /**
   * YaRN (arXiv 2309.00071): as {@link Llama3}, but the share that stays falls linearly with the
   * index of the frequency, and queries and keys are scaled.
   *
   * @param factor by which the window grew
   * @param betaFast turns in the original window from which on a frequency stays
   * @param betaSlow turns up to which it is divided
   * @param originalWindow tokens of the original window
   * @param magnitude what cosines and sines are multiplied with
   * @param truncate whether the bounds between the two are rounded outwards to whole indices
   */
  record Yarn(
      double factor,
      double betaFast,
      double betaSlow,
      int originalWindow,
      double magnitude,
      boolean truncate)
      implements RopeScaling {
    /** Checks the ranges. */
    public Yarn {
      atLeastOne(factor);
      positiveWindow("yarn", originalWindow);
      finitePositive("beta_fast", betaFast);
      finitePositive("beta_slow", betaSlow);
      finitePositive("attention_factor", magnitude);
    }

    @Override
    public double frequency(Unscaled unscaled, int i, int reach) {
      double low = index(unscaled, betaFast);
      double high = index(unscaled, betaSlow);
      if (truncate) {
        low = Math.floor(low);
        high = Math.ceil(high);
      }
      low = Math.max(low, 0);
      high = Math.min(high, unscaled.headDim() - 1);
      double width = low == high ? 0.001 : high - low;
      double divided = Math.max(0, Math.min(1, (i - low) / width));
      double frequency = unscaled.frequency(i);
      return frequency / factor * divided + frequency * (1 - divided);
    }

    /** Where among the frequencies the one lies that turns so often in the original window. */
    private double index(Unscaled unscaled, double turns) {
      return unscaled.headDim()
          * Math.log(originalWindow / (turns * 2 * Math.PI))
          / (2 * Math.log(unscaled.theta()));
    }
  }

  /**
   * Dynamic NTK: within the window frequencies stay; beyond it their base grows with the number of
   * positions in use.
   *
   * @param factor how fast
   * @param window tokens that the model learned on
   */
  record Dynamic(double factor, int window) implements RopeScaling {
    /** Checks the ranges. */
    public Dynamic {
      atLeastOne(factor);
      positiveWindow("dynamic", window);
    }

    @Override
    public double frequency(Unscaled unscaled, int i, int reach) {
      if (reach <= window) {
        return unscaled.frequency(i);
      }
      int headDim = unscaled.headDim();
      double growth = factor * reach / window - (factor - 1);
      double theta = unscaled.theta() * Math.pow(growth, headDim / (headDim - 2.0));
      return new Unscaled(theta, headDim).frequency(i);
    }

    @Override
    public int constantUpTo() {
      return window;
    }
  }

  private static void atLeastOne(double factor) {
    if (!(factor >= 1 && factor <= Double.MAX_VALUE)) {
      throw new InvalidInputException("RoPE scaling factor must be at least 1, not " + factor);
    }
  }

  private static void finitePositive(String key, double value) {
    if (!(value > 0 && value <= Double.MAX_VALUE)) {
      throw new InvalidInputException(
          "RoPE scaling yarn: " + key + " must be positive, not " + value);
    }
  }

  private static void positiveWindow(String type, int window) {
    if (window < 1) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "RoPE scaling %s: original_max_position_embeddings must be positive, not %d",
              type,
              window));
    }
  }
}
