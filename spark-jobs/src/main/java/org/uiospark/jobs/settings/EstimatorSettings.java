package org.uiospark.jobs.settings;

import java.io.Serializable;
import org.uiospark.model.estimator.Estimator;

/**
 * Which estimator of the gradient through the memories.
 *
 * @param name {@code exact}, {@code tbptt}, {@code unbiased} or {@code sampled}
 * @param window segments that {@code tbptt} looks back, and size of the reservoir of {@code
 *     unbiased}
 * @param samples segments that {@code sampled} draws from each sequence
 */
public record EstimatorSettings(String name, int window, int samples) implements Serializable {
  /** Reads it from a section that names an estimator. */
  public static EstimatorSettings of(Settings settings, String section) {
    return new EstimatorSettings(
        settings.text(section + ".estimator"),
        settings.integer(section + ".window"),
        settings.integer(section + ".samples"));
  }

  /** The estimator that they describe. */
  public Estimator estimator() {
    return Estimator.named(name, window, samples);
  }
}
