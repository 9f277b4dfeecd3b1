package org.uiospark.jobs.task;

import ai.djl.Device;
import java.io.Serializable;
import java.util.function.BiFunction;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.uiospark.jobs.device.TaskDevice;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryModel;

/**
 * A model with an adapter that was sent to the executors, as a task takes them.
 *
 * @param reference the model
 * @param values of the adapter
 * @param name of the adapter, that no other has
 */
public record SentModel(ModelReference reference, Broadcast<FloatVector> values, String name)
    implements Serializable {

  /** The device of the task that asks. */
  public Device device() {
    return TaskDevice.of(TaskContext.get());
  }

  /** The model on that device. */
  public MemoryModel model() {
    return TaskModels.model(reference, device());
  }

  /** Works with the adapter, which the tasks of an executor share. */
  public <T> T with(BiFunction<MemoryModel, DeviceAdapter, T> work) {
    MemoryModel model = model();
    try (UploadedAdapter adapter = take(model)) {
      return work.apply(model, adapter.adapter());
    }
  }

  /** The adapter on the device of the task that asks, which closes it when it is done. */
  public UploadedAdapter take(MemoryModel model) {
    // The banks of what was read before need their room no more.
    SequenceBank.dropIdle(device());
    return UploadedAdapter.take(
        name, device(), model, () -> new Adapter(model.shape(), values.value().values()));
  }
}
