package org.uiospark.jobs.bench;

import org.uiospark.jobs.settings.EstimatorSettings;
import org.uiospark.model.estimator.KeyedRandom;
import org.uiospark.model.estimator.PairWeights;

/**
 * An estimator, and whether the encoder graphs of a sequence are kept: all of them or none.
 *
 * @param estimator name, window and samples
 * @param graphMemory bytes for encoder graphs, as {@code train.graph-memory}
 */
record Variant(EstimatorSettings estimator, long graphMemory) {

  static Variant of(String name, BenchSettings settings) {
    boolean flat = name.endsWith(BenchSettings.FLAT);
    String estimator = flat ? name.substring(0, name.length() - BenchSettings.FLAT.length()) : name;
    return new Variant(
        new EstimatorSettings(
            estimator, settings.estimators().window(), settings.estimators().samples()),
        flat ? 0 : Long.MAX_VALUE);
  }

  boolean encodesAgain() {
    return graphMemory == 0;
  }

  /** What a sequence of a thread draws; the same in every run, so that runs can be compared. */
  PairWeights draw(int segments, long seed, int thread) {
    return estimator.estimator().draw(segments, KeyedRandom.of(seed, 0, thread));
  }
}
