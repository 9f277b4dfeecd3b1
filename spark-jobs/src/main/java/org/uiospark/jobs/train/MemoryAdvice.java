package org.uiospark.jobs.train;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.jobs.task.MemoryUse;
import org.uiospark.model.cost.MemoryCount;
import org.uiospark.model.estimator.KeyedRandom;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.segment.SegmentSettings;

/**
 * The setting that helps most where the memory of a task runs out, as {@link MemoryCount} has it.
 */
final class MemoryAdvice {
  private MemoryAdvice() {}

  /** A part of what a task takes, and the setting that bounds it. */
  private record Part(long bytes, String name, String remedy) {}

  /** For the longest sequence of the data sets. */
  static MemoryUse of(TrainSettings settings, TrainingInput input, BasePrecision precision) {
    SegmentSettings segments = settings.adapter().segments();
    int longest = StepCut.segments(input, segments.segmentLength());
    PairWeights weights =
        settings
            .gradient()
            .estimator()
            .estimator()
            .draw(longest, KeyedRandom.of(settings.steps().seed(), 0, 0));
    MemoryCount count =
        settings.steps().chunkSegments() == 0
            ? MemoryCount.of(
                input.model(),
                input.shape(),
                segments,
                precision,
                weights,
                settings.gradient().graphMemoryBytes())
            : MemoryCount.ofChunk(
                input.model(),
                input.shape(),
                segments,
                precision,
                weights,
                settings.gradient().graphMemoryBytes(),
                longest - 1);
    return new MemoryUse(
        String.format(
            Locale.ROOT,
            "estimator %s, segments of %d tokens",
            settings.gradient().estimator().name(),
            segments.segmentLength()),
        remedy(count));
  }

  /** What lowers the largest part that a setting bounds; none bounds the base. */
  static String remedy(MemoryCount count) {
    Part largest =
        List.of(
                new Part(
                    count.graphBytes(), "the encoder graphs that are kept", "lower --graph-memory"),
                new Part(
                    count.bank() + count.bankGradient(),
                    "memories and the gradients towards them",
                    "lower --memory-tokens, or have prep cut shorter sequences"),
                new Part(
                    count.activations(), "what one segment computes", "lower --segment-length"),
                new Part(count.adapter(), "adapter and gradient", "lower --rank"))
            .stream()
            .max(Comparator.comparingLong(Part::bytes))
            .orElseThrow();
    return String.format(
        Locale.ROOT,
        "%s (%s take up to %.0f%% of what a task needs)",
        largest.remedy(),
        largest.name(),
        100.0 * largest.bytes() / count.total());
  }
}
