package org.uiospark.jobs.settings;

import java.io.Serializable;
import java.util.List;
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
  /** The names that exist. */
  public static final List<String> NAMES = List.of("exact", "tbptt", "unbiased", "sampled");

  public static EstimatorSettings of(Settings settings, String section) {
    return new EstimatorSettings(
        settings.oneOf(section + ".estimator", NAMES),
        settings.atLeast(section + ".window", 1),
        settings.atLeast(section + ".samples", 1));
  }

  /** The estimator that they describe. */
  public Estimator estimator() {
    return Estimator.named(name, window, samples);
  }
}
