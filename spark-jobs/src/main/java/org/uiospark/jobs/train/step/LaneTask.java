package org.uiospark.jobs.train.step;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.TaskCompletionListener;
import org.uiospark.data.settings.Objective;
import org.uiospark.jobs.task.FloatVector;
import org.uiospark.jobs.task.NativeMemory;
import org.uiospark.jobs.task.TaskModels;
import org.uiospark.jobs.train.reduce.LanePart;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.estimator.KeyedRandom;
import org.uiospark.model.estimator.PairWeights;
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
 * What a Spark task does: the gradient of one lane, a fixed slice of the global batch, and its
 * parts for the reduce.
 *
 * <p>The result follows from the lane, the step and the adapter alone, so a task that is run again
 * gives the same bits wherever it runs.
 */
final class LaneTask
    implements Function2<Integer, Iterator<long[]>, Iterator<Tuple2<Integer, LanePart>>> {
  private static final long serialVersionUID = 1L;

  private final LaneSettings settings;
  private final long step;
  private final int lanes;
  private final Broadcast<FloatVector> adapterValues;
  private final Broadcast<TrainingData> data;
  private final String upload = UUID.randomUUID().toString();

  /**
   * @param lanes of the step
   */
  LaneTask(
      LaneSettings settings,
      long step,
      int lanes,
      Broadcast<FloatVector> adapterValues,
      Broadcast<TrainingData> data) {
    this.settings = settings;
    this.step = step;
    this.lanes = lanes;
    this.adapterValues = adapterValues;
    this.data = data;
  }

  @Override
  public Iterator<Tuple2<Integer, LanePart>> call(Integer lane, Iterator<long[]> sequences) {
    try {
      return NativeMemory.guard(() -> gradient(TaskContext.get(), lane, sequences.next()));
    } catch (InvalidInputException e) {
      // Running the task again would give the same: the driver is told instead.
      return without(lane, LaneReport.refused(e.getMessage()));
    }
  }

  private Iterator<Tuple2<Integer, LanePart>> without(int lane, LaneReport report) {
    return LanePart.without(settings.model().shape().size(), lanes, lane, report.encode());
  }

  private Iterator<Tuple2<Integer, LanePart>> gradient(
      TaskContext context, int lane, long[] sequences) {
    Device device = TaskModels.device(context);
    MemoryModel model = TaskModels.model(settings.model(), device, settings.leastMemory());
    UploadedAdapter adapter =
        UploadedAdapter.take(
            upload,
            device,
            model,
            () -> new Adapter(model.shape(), adapterValues.value().values()));
    atEnd(context, adapter::close);
    AdapterGradient gradient = adapter.takeGradient();
    atEnd(context, () -> adapter.giveBack(gradient));
    LaneReport report = add(model, gradient, sequences);
    return report.isUseful()
        ? LanePart.of(lanes, lane, report.encode(), report.validLabels(), gradient.bytes())
        : without(lane, report);
  }

  /** Spark reads the records after they are returned; what is closed last has to be told first. */
  private static void atEnd(TaskContext context, Runnable close) {
    TaskCompletionListener listener = done -> close.run();
    context.addTaskCompletionListener(listener);
  }

  /** Adds the gradient of each sequence in their order; ends with one that is not finite. */
  private LaneReport add(MemoryModel model, AdapterGradient gradient, long[] lane) {
    LaneReport report = new LaneReport(new ArrayList<>(), null);
    for (long index : lane) {
      if (report.isUseful()) {
        report.sequences().add(add(model, gradient, index));
      }
    }
    return report;
  }

  private LaneReport.Sequence add(MemoryModel model, AdapterGradient gradient, long index) {
    TokenSequence sequence = data.value().sequence(index);
    String name = data.value().name(sequence, index);
    Objective objective = data.value().objective(index);
    long begin = System.nanoTime();
    double loss = Double.NaN;
    long labels = 0;
    try {
      SequenceLoss found =
          objective == Objective.AE
              ? new ReconstructionGradient(model).add(gradient, sequence)
              : nextTokens(model, gradient, sequence, index);
      loss = found.sum();
      labels = found.validLabels();
    } catch (NonFiniteException e) {
      // The driver names the sequence, and does not update the adapter.
    }
    return new LaneReport.Sequence(
        name, objective, loss, labels, sequence.inputIds().length, System.nanoTime() - begin);
  }

  private SequenceLoss nextTokens(
      MemoryModel model, AdapterGradient gradient, TokenSequence sequence, long index) {
    PairWeights pairs =
        settings
            .estimator()
            .estimator()
            .draw(
                sequence.segments(model.segments().segmentLength()),
                KeyedRandom.of(settings.seed(), step, index));
    return new SequenceGradient(
            model, settings.graphMemory(), Optional.ofNullable(settings.distillation()))
        .add(gradient, sequence, pairs);
  }
}
