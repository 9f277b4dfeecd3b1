package org.uiospark.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;

/**
 * An adapter on a device, with a gradient that sequences add to; both by the canonical names of the
 * tensors (see {@link AdapterShape}), in float32.
 *
 * <p>One thread at a time adds to the gradient; any number may read with it, as long as none does.
 */
public final class DeviceAdapter implements AutoCloseable {
  private final AdapterShape shape;
  private final NDManager manager;
  private final Map<String, NDArray> tensors = new LinkedHashMap<>();
  private final Map<String, NDArray> gradient = new LinkedHashMap<>();

  /**
   * @param staging direct memory of the size of the adapter, free again when this returns
   */
  DeviceAdapter(NDManager manager, Adapter adapter, ByteBuffer staging) {
    this.shape = adapter.shape();
    this.manager = manager;
    staging.asFloatBuffer().put(adapter.values());
    // Many small buffers would be freed when the collector finds them, not when they are done with.
    try (NDManager scratch = manager.newSubManager()) {
      NDArray flat = scratch.create(staging, new Shape(shape.size()), DataType.FLOAT32);
      for (AdapterShape.Slot slot : shape.slots()) {
        Shape dimensions = new Shape(slot.dimensions());
        NDIndex place =
            new NDIndex().addSliceDim(slot.offset(), (long) slot.offset() + slot.size());
        NDArray tensor = flat.get(place).reshape(dimensions).duplicate();
        tensor.attach(manager);
        tensors.put(slot.name(), tensor);
        gradient.put(slot.name(), manager.zeros(dimensions));
      }
    }
  }

  /** The tensors of the adapter. */
  public Map<String, NDArray> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /** The gradient collected so far, of the same shapes. */
  public Map<String, NDArray> gradient() {
    return Collections.unmodifiableMap(gradient);
  }

  /** Copies the gradient collected so far to the host, in the layout of {@link AdapterShape}. */
  public float[] gradientValues() {
    float[] values = new float[shape.size()];
    copyGradient(FloatBuffer.wrap(values));
    return values;
  }

  /**
   * Copies the gradient collected so far to the host, in the layout of {@link AdapterShape}.
   *
   * @param into buffer of the size of the adapter
   */
  public void copyGradient(FloatBuffer into) {
    for (AdapterShape.Slot slot : shape.slots()) {
      // Directly from the tensor, where it lies in this machine's memory.
      ByteBuffer tensor =
          gradient.get(slot.name()).toByteBuffer(true).order(ByteOrder.nativeOrder());
      into.put(slot.offset(), tensor.asFloatBuffer(), 0, slot.size());
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
