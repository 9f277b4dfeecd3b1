package org.uiospark.model.reference;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * The rotary position embedding of a list of positions in float64, of {@link ReferenceModel}.
 *
 * @param frequencies in radians a position
 * @param magnitude factor on queries and keys
 */
record ReferenceRope(double[] frequencies, double magnitude) {
  /**
   * As HuggingFace defines it: {@code linear} divides all frequencies; {@code llama3} goes by
   * wavelengths, of which the short stay, the long are divided, and those between are mixed; {@code
   * yarn} mixes by index; {@code dynamic} makes the base larger once there are more positions than
   * the model knows.
   *
   * @param length number of positions
   */
  static ReferenceRope of(JsonNode config, int headDim, int length) {
    JsonNode parameters = config.path("rope_parameters");
    JsonNode scaling = config.hasNonNull("rope_scaling") ? config.get("rope_scaling") : parameters;
    double theta = config.path("rope_theta").asDouble(scaling.path("rope_theta").asDouble(10000));
    String type = scaling.path("rope_type").asText(scaling.path("type").asText());
    double factor = scaling.path("factor").asDouble(1);
    double known = config.path("max_position_embeddings").asDouble();
    double window = scaling.path("original_max_position_embeddings").asDouble(known);
    double magnitude = 1;
    if (type.equals("dynamic") && length > known) {
      double stretched = factor * length / known - (factor - 1);
      theta *= Math.pow(stretched, (double) headDim / (headDim - 2));
    }
    if (type.equals("yarn")) {
      magnitude = scaling.path("attention_factor").asDouble(yarnMagnitude(scaling, factor));
    }
    double[] frequencies = new double[headDim / 2];
    for (int i = 0; i < frequencies.length; i++) {
      double frequency = Math.pow(theta, -2.0 * i / headDim);
      if (type.equals("linear")) {
        frequency /= factor;
      } else if (type.equals("llama3")) {
        double low = scaling.get("low_freq_factor").asDouble();
        double high = scaling.get("high_freq_factor").asDouble();
        double wavelength = 2 * Math.PI / frequency;
        if (wavelength > window / low) {
          frequency /= factor;
        } else if (wavelength >= window / high) {
          double smooth = (window / wavelength - low) / (high - low);
          frequency = (1 - smooth) * frequency / factor + smooth * frequency;
        }
      } else if (type.equals("yarn")) {
        double low = yarnIndex(headDim, scaling.path("beta_fast").asDouble(32), window, theta);
        double high = yarnIndex(headDim, scaling.path("beta_slow").asDouble(1), window, theta);
        if (scaling.path("truncate").asBoolean(true)) {
          low = Math.floor(low);
          high = Math.ceil(high);
        }
        low = Math.max(low, 0);
        high = Math.min(high, headDim - 1);
        double ramp = (i - low) / (low == high ? 0.001 : high - low);
        ramp = ramp < 0 ? 0 : ramp > 1 ? 1 : ramp;
        frequency = frequency / factor * ramp + frequency * (1 - ramp);
      }
      frequencies[i] = frequency;
    }
    return new ReferenceRope(frequencies, magnitude);
  }

  private static double yarnIndex(int headDim, double rotations, double window, double theta) {
    return headDim * Math.log(window / (rotations * 2 * Math.PI)) / (2 * Math.log(theta));
  }

  private static double yarnMagnitude(JsonNode scaling, double factor) {
    double log = 0.1 * Math.log(factor);
    return scaling.has("mscale") && scaling.has("mscale_all_dim")
        ? (scaling.get("mscale").asDouble() * log + 1)
            / (scaling.get("mscale_all_dim").asDouble() * log + 1)
        : log + 1;
  }
}
