package org.uiospark.jobs.train.step;

import java.io.Serializable;
import org.uiospark.jobs.settings.EstimatorSettings;
import org.uiospark.jobs.task.MemoryUse;
import org.uiospark.jobs.task.ModelReference;
import org.uiospark.model.estimator.KeyedRandom;
import org.uiospark.model.gradient.Distillation;
import org.uiospark.model.segment.SegmentRatios;
import org.uiospark.model.segment.SegmentSettings;

/**
 * What a task needs to know of the run; travels with every task.
 *
 * @param model the base model and the shape of the adapter
 * @param ratios of the sequences, each drawn; the model is for the most memory tokens of them
 * @param leastMemory bytes that a device has to have
 * @param memory what a task is, for when its memory runs out
 * @param estimator gradient through the memories
 * @param laneSequences whole sequences of a lane; the last one of a step may have fewer
 * @param chunkSegments segments of a chunk on average; 0 where sequences stay whole
 * @param seed what everything random follows from
 * @param graphMemory bytes for graphs that are kept
 * @param distillation null for none: an Optional does not travel
 */
public record LaneSettings(
    ModelReference model,
    SegmentRatios ratios,
    long leastMemory,
    MemoryUse memory,
    EstimatorSettings estimator,
    int laneSequences,
    int chunkSegments,
    long seed,
    long graphMemory,
    Distillation distillation)
    implements Serializable {
  /** Keeps the draws of ratios apart from all others of the seed. */
  private static final long RATIO = 0x726174696fL;

  /**
   * How a sequence is compressed in a step, whoever asks.
   *
   * @param step counted from 0
   * @param sequence its index in the {@link TrainingData}
   */
  public SegmentSettings segments(long step, long sequence) {
    return ratios.draw(KeyedRandom.of(seed ^ RATIO, step, sequence));
  }
}
