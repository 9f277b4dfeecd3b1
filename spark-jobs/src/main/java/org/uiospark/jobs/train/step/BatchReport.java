package org.uiospark.jobs.train.step;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.uiospark.data.settings.Objective;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.NonFiniteException;

/**
 * What the lanes of a step told the driver: whether their gradients are of use, and what they lost.
 *
 * @param step steps taken, this one included, for messages
 * @param lanes in their order
 */
record BatchReport(long step, List<LaneReport> lanes) {

  /**
   * Makes sure that the mean gradient of the batch may be used.
   *
   * @param uselessLane the first lane whose gradient is not finite
   * @param norm of the mean
   * @throws NonFiniteException if a loss or gradient is not finite, naming step and sequence
   * @throws InvalidInputException if a lane refused its input, or no label of the batch counts
   */
  void requireUseful(OptionalInt uselessLane, double norm) {
    lanes.stream()
        .map(LaneReport::refusal)
        .filter(Objects::nonNull)
        .findFirst()
        .ifPresent(
            why -> {
              throw new InvalidInputException(String.format(Locale.ROOT, "step %d: %s", step, why));
            });
    for (int lane = 0; lane < lanes.size(); lane++) {
      if (!lanes.get(lane).isUseful() || uselessLane.orElse(-1) == lane) {
        throw new NonFiniteException(
            String.format(
                Locale.ROOT,
                "step %d: loss or gradient is not finite in %s; the adapter was not updated;"
                    + " lower --lr, or leave the document out",
                step,
                lanes.get(lane).names()));
      }
    }
    if (validLabels() == 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "step %d: no label of the batch counts: %s; leave these documents out",
              step,
              names()));
    }
    if (!Double.isFinite(norm)) {
      throw new NonFiniteException(
          String.format(
              Locale.ROOT,
              "step %d: the gradients of %s have no finite sum; the adapter was not updated",
              step,
              names()));
    }
  }

  private String names() {
    return lanes.stream().map(LaneReport::names).distinct().collect(Collectors.joining("; "));
  }

  private long validLabels() {
    return lanes.stream().mapToLong(LaneReport::validLabels).sum();
  }

  /** What the batch held, and its loss; an objective without a label that counts is left out. */
  BatchLoss loss() {
    List<LaneReport.Sequence> sequences = new ArrayList<>();
    lanes.forEach(lane -> sequences.addAll(lane.sequences()));
    Map<String, Double> losses = new LinkedHashMap<>();
    for (Objective objective : Objective.values()) {
      List<LaneReport.Sequence> own =
          sequences.stream().filter(sequence -> sequence.objective() == objective).toList();
      if (own.stream().anyMatch(sequence -> sequence.validLabels() > 0)) {
        losses.put(objective.key(), mean(own));
      }
    }
    return new BatchLoss(
        mean(sequences),
        losses,
        sequences.stream().mapToLong(LaneReport.Sequence::tokens).sum(),
        validLabels());
  }

  /** Added in their order: float sums depend on it. */
  private static double mean(List<LaneReport.Sequence> sequences) {
    double sum = 0;
    long labels = 0;
    for (LaneReport.Sequence sequence : sequences) {
      sum += sequence.lossSum();
      labels += sequence.validLabels();
    }
    return sum / labels;
  }

  /** Seconds that the slowest lane spent on its gradient. */
  double computeSeconds() {
    return lanes.stream().mapToLong(LaneReport::computeNanos).max().orElse(0) / 1e9;
  }
}
