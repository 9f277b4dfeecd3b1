package org.uiospark.model.llama;

/**
 * The rotary position embedding of a decoder.
 *
 * @param theta base of its frequencies
 * @param scaling what became of the frequencies
 * @param maxPositions positions that the model was trained for
 */
public record RotaryConfig(double theta, RopeScaling scaling, int maxPositions) {

  /** Checks the ranges; the message names the key of {@code config.json}. */
  public RotaryConfig {
    LlamaConfig.finitePositive("rope_theta", theta);
    LlamaConfig.positive("max_position_embeddings", maxPositions);
  }

  /** Frequencies as they follow from the base. */
  public static RotaryConfig unscaled(double theta, int maxPositions) {
    return new RotaryConfig(theta, RopeScaling.NONE, maxPositions);
  }
}
