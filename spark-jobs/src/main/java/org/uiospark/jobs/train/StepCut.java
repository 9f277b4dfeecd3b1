package org.uiospark.jobs.train;

import java.util.Locale;
import java.util.Optional;
import org.uiospark.data.settings.Objective;
import org.uiospark.jobs.plan.ChunkCut;
import org.uiospark.jobs.plan.StepHeap;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.jobs.train.reduce.CollectSize;

/**
 * How the steps of a run are cut into tasks.
 *
 * @param steps of the run
 * @param cut of its longest sequence
 * @param values of the adapter
 */
record StepCut(TrainSettings.Steps steps, ChunkCut cut, int values) {
  /**
   * Cuts the steps of a run. Of several ratios that of the most memory tokens has the largest
   * parts: with fewer, chunks are more even as well.
   *
   * @throws org.uiospark.model.input.InvalidInputException if a chunk is too large
   */
  static StepCut of(TrainSettings settings, TrainingInput input) {
    ChunkCut cut =
        ChunkCut.of(
            input.model(),
            input.shape().rank(),
            settings.adapter().segments(),
            settings.gradient().estimator(),
            segments(input, settings.adapter().segments().segmentLength()));
    cut.requireParts("train", settings.steps().chunkSegments());
    return new StepCut(settings.steps(), cut, input.shape().size());
  }

  /** Segments of the longest sequence that may be cut: auto-encoded ones are not. */
  static int segments(TrainingInput input, int length) {
    return input.data().sets().stream()
        .map(TaskData::description)
        .filter(set -> set.objective() != Objective.AE)
        .mapToInt(set -> Math.toIntExact((set.longestSequence() - 1) / length + 1))
        .max()
        .orElse(1);
  }

  /** What the heaps of driver and executors have to hold. */
  StepHeap heap() {
    return new StepHeap(
        values,
        new CollectSize(steps.collectBytes()).mostTaken(steps.lanes(), lanes(), values),
        cut.largestPart(steps.chunkSegments()));
  }

  /** Where sequences are cut, what there is to run at once. */
  Optional<String> text(int atOnce) {
    if (chunks() == 1) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "A step has %,d sequences of up to %,d segments, in up to %,d chunks each: up to %,d tasks, of which %,d run at once",
            steps.batch(),
            cut.segments(),
            chunks(),
            lanes(),
            Math.min(atOnce, lanes())));
  }

  private int chunks() {
    return cut.count(steps.chunkSegments());
  }

  /** Tasks of a step, of each stage where there are chunks, at most. */
  private int lanes() {
    return Math.toIntExact(
        Math.min(Integer.MAX_VALUE, steps.lanes() + steps.batch() * (chunks() - 1L)));
  }
}
