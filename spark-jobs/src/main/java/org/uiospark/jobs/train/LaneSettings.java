package org.uiospark.jobs.train;

import java.io.Serializable;
import org.uiospark.jobs.settings.EstimatorSettings;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.jobs.task.ModelReference;
import org.uiospark.model.gradient.Distillation;

/**
 * What a task needs to know of the run; travels with every task.
 *
 * @param model the base model and the shape of the adapter
 * @param estimator gradient through the memories
 * @param seed what everything random follows from
 * @param graphMemory bytes for graphs that are kept
 * @param distillation null for none: an Optional does not travel
 */
record LaneSettings(
    ModelReference model,
    EstimatorSettings estimator,
    long seed,
    long graphMemory,
    Distillation distillation)
    implements Serializable {

  /** What the tasks of a run need to know of it. */
  static LaneSettings of(RunDescription run) {
    TrainSettings settings = run.settings();
    TrainingInput input = run.input();
    return new LaneSettings(
        new ModelReference(
            input.modelFolder().name(),
            input.modelFolder().sums(),
            input.modelFingerprint(),
            settings.segments().segmentLength(),
            settings.segments().memoryTokens(),
            input.shape(),
            run.arithmetic()),
        settings.estimator(),
        settings.seed(),
        settings.graphMemoryBytes(),
        settings.distillation().of(input.model().maxPositionEmbeddings()).orElse(null));
  }
}
