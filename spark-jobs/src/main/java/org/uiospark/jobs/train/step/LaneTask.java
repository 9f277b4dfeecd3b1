package org.uiospark.jobs.train.step;

import java.io.Serializable;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.uiospark.data.settings.Objective;
import org.uiospark.jobs.task.FloatVector;
import org.uiospark.jobs.task.NativeMemory;
import org.uiospark.jobs.task.TaskModels;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.gradient.ReconstructionGradient;
import org.uiospark.model.gradient.SequenceGradient;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.segment.NonFiniteException;
import org.uiospark.model.segment.SequenceLoss;
import org.uiospark.model.segment.TokenSequence;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction2;

/**
 * What a Spark task does: the gradient of one lane, a fixed slice of the global batch.
 *
 * <p>The result follows from the lane, the step and the adapter alone, so a task that is run again
 * gives the same bits wherever it runs.
 */
final class LaneTask extends AbstractFunction2<TaskContext, Iterator<long[]>, byte[]>
    implements Serializable {
  private static final long serialVersionUID = 1L;

  private final LaneSettings settings;
  private final long step;
  private final Broadcast<FloatVector> adapterValues;
  private final Broadcast<TrainingData> data;

  LaneTask(
      LaneSettings settings,
      long step,
      Broadcast<FloatVector> adapterValues,
      Broadcast<TrainingData> data) {
    this.settings = settings;
    this.step = step;
    this.adapterValues = adapterValues;
    this.data = data;
  }

  @Override
  public byte[] apply(TaskContext context, Iterator<long[]> lane) {
    try {
      return NativeMemory.guard(() -> gradient(context, lane.next()));
    } catch (InvalidInputException e) {
      // Running the task again would give the same: the driver is told instead.
      return LaneGradient.refused(e.getMessage()).encode();
    }
  }

  private byte[] gradient(TaskContext context, long[] lane) {
    MemoryModel model = TaskModels.model(settings.model(), TaskModels.device(context));
    Adapter adapter = new Adapter(model.shape(), adapterValues.value().values());
    try (DeviceAdapter onDevice = model.upload(adapter)) {
      return gradient(model, onDevice, lane);
    }
  }

  private byte[] gradient(MemoryModel model, DeviceAdapter adapter, long[] lane) {
    TrainingData sequences = data.value();
    LaneGradient result = LaneGradient.empty();
    for (long index : lane) {
      TokenSequence sequence = sequences.sequence(index);
      String name = sequences.name(sequence, index);
      long begin = System.nanoTime();
      try {
        SequenceLoss loss =
            sequences.objective(index) == Objective.AE
                ? new ReconstructionGradient(model).add(adapter, sequence)
                : nextTokens(model, adapter, sequence, index);
        result =
            result.plus(
                name,
                loss.sum(),
                loss.validLabels(),
                sequence.inputIds().length,
                System.nanoTime() - begin);
      } catch (NonFiniteException e) {
        return result.plus(name, Double.NaN, 0, 0, System.nanoTime() - begin).encode();
      }
    }
    return result.encode(model.shape().size(), adapter::copyGradient);
  }

  private SequenceLoss nextTokens(
      MemoryModel model, DeviceAdapter adapter, TokenSequence sequence, long index) {
    PairWeights pairs =
        settings
            .estimator()
            .estimator()
            .draw(
                sequence.segments(model.segments().segmentLength()),
                Estimator.keyed(settings.seed(), step, index));
    return new SequenceGradient(
            model, settings.graphMemory(), Optional.ofNullable(settings.distillation()))
        .add(adapter, sequence, pairs);
  }
}
