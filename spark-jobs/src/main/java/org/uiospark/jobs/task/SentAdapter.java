package org.uiospark.jobs.task;

import java.io.Serializable;
import java.util.List;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.input.InvalidInputException;

/** An adapter that was sent to the executors, and the tasks that use it until it is taken back. */
public final class SentAdapter implements AutoCloseable {
  private final JavaSparkContext spark;
  private final ModelReference model;
  private final Broadcast<FloatVector> values;
  private final String name = UUID.randomUUID().toString();

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

  /** What a task needs to run the model with it. */
  public SentModel model() {
    return new SentModel(model, values, name);
  }

  /** The same for so many tasks, on cores that would idle: results may differ in last digits. */
  SentModel modelOnAllCores(int tasks) {
    return new SentModel(model.forTasks(spark, tasks), values, name);
  }

  /**
   * Runs a task for each item on cores that would idle.
   *
   * @return the outcomes in the order of the items, however many executors there are
   * @throws InvalidInputException if a task refuses its item
   */
  <I, O extends Serializable> List<O> eachOnAllCores(List<I> items, Subject.Work<I, O> work) {
    SentModel sent = modelOnAllCores(items.size());
    return spark
        .parallelize(items, items.size())
        .map(
            item ->
                TaskAnswer.of(() -> sent.with((model, adapter) -> work.of(model, adapter, item))))
        .collect()
        .stream()
        .map(TaskAnswer::orRefuse)
        .toList();
  }

  @Override
  public void close() {
    values.destroy();
  }
}
