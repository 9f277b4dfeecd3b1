package org.uiospark.jobs.settings;

import java.util.List;

/**
 * Which estimator of the gradient through the memories.
 *
 * @param name {@code exact}, {@code tbptt}, {@code unbiased} or {@code sampled}
 * @param window segments that {@code tbptt} looks back, and size of the reservoir of {@code
 *     unbiased}
 * @param samples segments that {@code sampled} draws from each sequence
 */
public record EstimatorSettings(String name, int window, int samples) {
  /** The names that exist. */
  public static final List<String> NAMES = List.of("exact", "tbptt", "unbiased", "sampled");

  static EstimatorSettings of(Settings settings, String section) {
    return new EstimatorSettings(
        settings.oneOf(section + ".estimator", NAMES),
        settings.atLeast(section + ".window", 1),
        settings.atLeast(section + ".samples", 1));
  }
}
