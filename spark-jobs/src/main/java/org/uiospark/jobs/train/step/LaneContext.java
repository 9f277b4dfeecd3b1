package org.uiospark.jobs.train.step;

import java.io.Serializable;
import java.util.Iterator;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.TaskCompletionListener;
import org.uiospark.data.settings.Objective;
import org.uiospark.jobs.exchange.LanePart;
import org.uiospark.jobs.task.FloatVector;
import org.uiospark.jobs.task.NativeMemory;
import org.uiospark.jobs.task.SentModel;
import org.uiospark.jobs.task.SequenceBank;
import org.uiospark.jobs.task.TaskModels;
import org.uiospark.jobs.task.UploadedAdapter;
import org.uiospark.jobs.train.reduce.LaneGradient;
import org.uiospark.model.estimator.KeyedRandom;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.gradient.Distillation;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.segment.TokenSequence;
import scala.Tuple2;

/** What the tasks of a step share: settings, adapter and data, and what an executor has of them. */
final class LaneContext implements Serializable {
  private static final long serialVersionUID = 1L;

  private final LaneSettings settings;
  private final long step;
  private final int lanes;
  private final SentModel sent;
  private final Broadcast<TrainingData> data;

  /**
   * @param lanes of the step
   */
  LaneContext(
      LaneSettings settings,
      long step,
      int lanes,
      Broadcast<FloatVector> adapterValues,
      Broadcast<TrainingData> data) {
    this.settings = settings;
    this.step = step;
    this.lanes = lanes;
    // Under a name that no other step of any run has.
    this.sent = new SentModel(settings.model(), adapterValues, UUID.randomUUID().toString());
    this.data = data;
  }

  /** For the most memory tokens; the adapter is its own. */
  private MemoryModel model() {
    return TaskModels.model(sent.reference(), sent.device(), settings.leastMemory());
  }

  /** For the memory tokens that a sequence has in this step. */
  MemoryModel model(long index) {
    return model().with(settings.segments(step, index).memoryTokens());
  }

  TokenSequence sequence(long index) {
    return data.value().sequence(index);
  }

  /** The document of a sequence, for messages. */
  String name(TokenSequence sequence, long index) {
    return data.value().name(sequence, index);
  }

  Objective objective(long index) {
    return data.value().objective(index);
  }

  /** What the estimator draws for a sequence in this step, whoever asks. */
  PairWeights weights(TokenSequence sequence, long index) {
    return settings
        .estimator()
        .estimator()
        .draw(
            sequence.segments(settings.model().segmentLength()),
            KeyedRandom.of(settings.seed(), step, index));
  }

  long graphMemory() {
    return settings.graphMemory();
  }

  Optional<Distillation> distillation() {
    return Optional.ofNullable(settings.distillation());
  }

  /** Does work on the device; says in one line what was too large for it. */
  <T> T guard(Supplier<T> work) {
    return NativeMemory.guard(settings.memory(), work);
  }

  /** The adapter of the step, until the task ends. */
  UploadedAdapter adapter() {
    UploadedAdapter adapter = sent.take(model());
    atEnd(adapter::close);
    return adapter;
  }

  /** A gradient of zeros, until the task ends. */
  AdapterGradient gradient() {
    UploadedAdapter adapter = adapter();
    AdapterGradient gradient = adapter.takeGradient();
    atEnd(() -> adapter.giveBack(gradient));
    return gradient;
  }

  /** The bank of a sequence in this step, until the task ends. */
  SequenceBank bank(MemoryModel model, long index, int rows) {
    SequenceBank bank = SequenceBank.take(sent.name() + "/" + index, sent.device(), model, rows);
    atEnd(bank::close);
    return bank;
  }

  /** Spark reads the records after they are returned; what is closed last has to be told first. */
  static void atEnd(Runnable close) {
    TaskCompletionListener listener = done -> close.run();
    TaskContext.get().addTaskCompletionListener(listener);
  }

  /** What a lane leaves for the reduce; its report alone where its gradient is of no use. */
  Iterator<Tuple2<Integer, LanePart>> parts(
      Lane lane, LaneReport report, Optional<AdapterGradient> gradient) {
    return gradient.isPresent() && report.isUseful()
        ? LaneGradient.of(
            lanes, lane.number(), report.encode(), report.validLabels(), gradient.get().bytes())
        : LaneGradient.without(
            settings.model().shape().size(), lanes, lane.number(), report.encode());
  }
}
