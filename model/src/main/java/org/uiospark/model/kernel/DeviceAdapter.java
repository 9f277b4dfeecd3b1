package org.uiospark.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

  /** Room for an adapter whose values are not set yet. */
  DeviceAdapter(NDManager manager, AdapterShape shape, Kernels kernels, BasePrecision precision) {
    this.shape = shape;
    this.manager = manager;
    for (AdapterShape.Slot slot : shape.slots()) {
      Shape dimensions = new Shape(slot.dimensions());
      tensors.put(slot.name(), kernels.empty(manager, precision, dimensions));
    }
  }

  /**
   * Takes the values of an adapter of its shape.
   *
   * @param staging direct memory of the size of the largest tensor in float32, free again when this
   *     returns
   */
  void set(Adapter adapter, Kernels kernels, ByteBuffer staging) {
    for (AdapterShape.Slot slot : shape.slots()) {
      staging.asFloatBuffer().put(adapter.values(), slot.offset(), slot.size());
      ByteBuffer bytes = staging.slice(0, slot.size() * Float.BYTES).order(ByteOrder.nativeOrder());
      try (NDManager scratch = manager.newSubManager()) {
        NDArray values = scratch.create(bytes, new Shape(slot.dimensions()), DataType.FLOAT32);
        if (slot.isLoraB()) {
          values.muli(shape.scale());
        }
        // A view, for the tensor itself bears its name in the kernels.
        NDArray into = tensors.get(slot.name()).reshape(values.getShape());
        into.attach(scratch);
        kernels.copyRows(values, into, 0);
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
