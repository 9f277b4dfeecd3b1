package org.uiospark.jobs.task;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryModel;

/** An adapter that was sent to the executors, and the tasks that use it until it is taken back. */
public final class SentAdapter implements AutoCloseable {
  private final JavaSparkContext spark;
  private final ModelReference model;
  private final Broadcast<FloatVector> values;

  /**
   * Sends it.
   *
   * @param model what the adapter is for
   */
  public SentAdapter(JavaSparkContext spark, ModelReference model, Adapter adapter) {
    this.spark = spark;
    this.model = model;
    this.values = spark.broadcast(new FloatVector(adapter.values()));
  }

  /**
   * Runs a task for each item.
   *
   * @return the outcomes in the order of the items, however many executors there are
   * @throws InvalidInputException if a task refuses its item
   */
  public <I, O extends Serializable> List<O> each(List<I> items, Subject.Work<I, O> work) {
    return each(model, items, work);
  }

  /** The same on cores that would idle: the outcomes may differ in their last digits. */
  <I, O extends Serializable> List<O> eachOnAllCores(List<I> items, Subject.Work<I, O> work) {
    return each(model.forTasks(spark, items.size()), items, work);
  }

  private <I, O extends Serializable> List<O> each(
      ModelReference reference, List<I> items, Subject.Work<I, O> work) {
    // A local, for a task that named a field would take all of this with it.
    Broadcast<FloatVector> sent = values;
    return spark
        .parallelize(items, items.size())
        .map(item -> TaskAnswer.of(() -> outcome(reference, sent, work, item)))
        .collect()
        .stream()
        .map(TaskAnswer::orRefuse)
        .toList();
  }

  private static <I, O extends Serializable> O outcome(
      ModelReference reference, Broadcast<FloatVector> sent, Subject.Work<I, O> work, I item) {
    MemoryModel model = TaskModels.model(reference, TaskModels.device(TaskContext.get()));
    Adapter adapter = new Adapter(model.shape(), sent.value().values());
    try (DeviceAdapter onDevice = model.upload(adapter)) {
      return work.of(model, onDevice, item);
    }
  }

  @Override
  public void close() {
    values.destroy();
  }
}
