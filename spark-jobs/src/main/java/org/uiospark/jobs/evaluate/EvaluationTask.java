package org.uiospark.jobs.evaluate;

import ai.djl.Device;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.uiospark.jobs.task.ModelReference;
import org.uiospark.jobs.task.TaskAnswer;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.jobs.task.TaskModels;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.memory.DeviceAdapter;
import org.uiospark.model.memory.MemoryModel;
import org.uiospark.model.memory.SequenceEvaluation;
import org.uiospark.model.memory.TokenSequence;

/** What a Spark task does: the losses of one held-out sequence under three kinds of context. */
final class EvaluationTask implements Function<Long, TaskAnswer<SequenceScores>> {
  private static final long serialVersionUID = 1L;

  private final ModelReference reference;
  private final TaskData data;
  private final Broadcast<float[]> adapterValues;

  EvaluationTask(ModelReference reference, TaskData data, Broadcast<float[]> adapterValues) {
    this.reference = reference;
    this.data = data;
    this.adapterValues = adapterValues;
  }

  @Override
  public TaskAnswer<SequenceScores> call(Long index) {
    return TaskAnswer.of(() -> scores(index));
  }

  private SequenceScores scores(long index) {
    Device device = TaskModels.device(TaskContext.get());
    MemoryModel model = TaskModels.model(reference, device);
    TokenSequence sequence = data.open().sequence(index);
    SequenceEvaluation evaluation = new SequenceEvaluation(model);
    int window = model.base().config().nativeWindow();
    try (DeviceAdapter adapter = model.upload(new Adapter(model.shape(), adapterValues.value()))) {
      return SequenceScores.of(
          sequence.inputIds().length,
          evaluation.withMemory(adapter, sequence),
          evaluation.withoutMemory(sequence),
          evaluation.withWindow(sequence, window));
    }
  }
}
