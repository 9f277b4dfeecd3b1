package org.uiospark.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;

/**
 * An adapter on a device, by the canonical names of its tensors (see {@link AdapterShape}), as the
 * kernels multiply them: in the type of the base model, the matrices B of LoRA times {@code alpha /
 * rank}. Any number of threads may read with it, and collect gradients of their own.
 */
public final class DeviceAdapter implements AutoCloseable {
  private final AdapterShape shape;
  private final NDManager manager;
  private final Map<String, NDArray> tensors = new LinkedHashMap<>();

  /**
   * @param kernels of the model that it is for
   * @param precision of the base model
   * @param staging direct memory of the size of the adapter, free again when this returns
   */
  DeviceAdapter(
      NDManager manager,
      Adapter adapter,
      Kernels kernels,
      BasePrecision precision,
      ByteBuffer staging) {
    this.shape = adapter.shape();
    this.manager = manager;
    staging.asFloatBuffer().put(adapter.values());
    // Many small buffers would be freed when the collector finds them, not when they are done with.
    try (NDManager scratch = manager.newSubManager()) {
      NDArray flat = scratch.create(staging, new Shape(shape.size()), DataType.FLOAT32);
      for (AdapterShape.Slot slot : shape.slots()) {
        NDArray values = place(flat, slot);
        NDArray tensor = kernels.empty(manager, precision, values.getShape());
        kernels.copyRows(slot.isLoraB() ? values.mul(shape.scale()) : values, tensor, 0);
        tensors.put(slot.name(), tensor);
      }
    }
  }

  /** The part of a flat vector that is one tensor: a view, not a copy. */
  static NDArray place(NDArray flat, AdapterShape.Slot slot) {
    NDIndex range = new NDIndex().addSliceDim(slot.offset(), (long) slot.offset() + slot.size());
    return flat.get(range).reshape(new Shape(slot.dimensions()));
  }

  /** The tensors of the adapter. */
  public Map<String, NDArray> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /** A gradient of zeros; it must be closed before the adapter is. */
  public AdapterGradient newGradient() {
    return new AdapterGradient(this, shape, manager.newSubManager());
  }

  @Override
  public void close() {
    manager.close();
  }
}
