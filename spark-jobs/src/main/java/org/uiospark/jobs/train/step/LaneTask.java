package org.uiospark.jobs.train.step;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.Optional;
import org.uiospark.data.settings.Objective;
import org.uiospark.jobs.exchange.LanePart;
import org.uiospark.model.gradient.ReconstructionGradient;
import org.uiospark.model.gradient.SequenceGradient;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.segment.NonFiniteException;
import org.uiospark.model.segment.SequenceLoss;
import org.uiospark.model.segment.TokenSequence;
import scala.Tuple2;

/**
 * What a Spark task does for a lane of whole sequences: the gradient of their sum, and its parts
 * for the reduce.
 *
 * <p>The result follows from the lane, the step and the adapter alone, so a task that is run again
 * gives the same bits wherever it runs.
 */
final class LaneTask implements Serializable {
  private static final long serialVersionUID = 1L;

  private final LaneContext context;

  LaneTask(LaneContext context) {
    this.context = context;
  }

  /** Computes the lane. */
  Iterator<Tuple2<Integer, LanePart>> gradient(Lane lane) {
    try {
      return context.guard(() -> parts(lane));
    } catch (InvalidInputException e) {
      // Running the task again would give the same: the driver is told instead.
      return context.parts(lane, LaneReport.refused(e.getMessage()), Optional.empty());
    }
  }

  private Iterator<Tuple2<Integer, LanePart>> parts(Lane lane) {
    AdapterGradient gradient = context.gradient();
    LaneReport report = add(gradient, lane.sequences());
    return context.parts(lane, report, Optional.of(gradient));
  }

  /** Adds the gradient of each sequence in their order; ends with one that is not finite. */
  private LaneReport add(AdapterGradient gradient, long[] lane) {
    LaneReport report = new LaneReport(new ArrayList<>(), null);
    for (long index : lane) {
      if (report.isUseful()) {
        report.sequences().add(add(gradient, index));
      }
    }
    return report;
  }

  private LaneReport.Sequence add(AdapterGradient gradient, long index) {
    MemoryModel model = context.model(index);
    TokenSequence sequence = context.sequence(index);
    String name = context.name(sequence, index);
    Objective objective = context.objective(index);
    long begin = System.nanoTime();
    double loss = Double.NaN;
    long labels = 0;
    try {
      SequenceLoss found =
          objective == Objective.AE
              ? new ReconstructionGradient(model).add(gradient, sequence)
              : new SequenceGradient(model, context.graphMemory(), context.distillation())
                  .add(gradient, sequence, context.weights(sequence, index));
      model.base().await();
      loss = found.sum();
      labels = found.validLabels();
    } catch (NonFiniteException e) {
      // The driver names the sequence, and does not update the adapter.
    }
    return new LaneReport.Sequence(
        name, objective, loss, labels, sequence.inputIds().length, System.nanoTime() - begin);
  }
}
