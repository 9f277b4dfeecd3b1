package org.uiospark.jobs.evaluate;

import java.io.Serializable;
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
import org.uiospark.model.memory.SequenceLoss;

/** What a Spark task does: the loss with memory of one held-out sequence. */
record HeldOutTask(ModelReference reference, TaskData data, Broadcast<float[]> adapterValues)
    implements Function<Long, TaskAnswer<HeldOutTask.Loss>> {

  /**
   * The loss of one sequence.
   *
   * @param sum over its valid labels, in nats
   * @param labels how many those are
   */
  record Loss(double sum, long labels) implements Serializable {}

  @Override
  public TaskAnswer<Loss> call(Long index) {
    return TaskAnswer.of(() -> loss(index));
  }

  private Loss loss(long index) {
    MemoryModel model = TaskModels.model(reference, TaskModels.device(TaskContext.get()));
    try (DeviceAdapter adapter = model.upload(new Adapter(model.shape(), adapterValues.value()))) {
      SequenceLoss loss =
          new SequenceEvaluation(model).withMemory(adapter, data.open().sequence(index));
      return new Loss(loss.sum(), loss.validLabels());
    }
  }
}
