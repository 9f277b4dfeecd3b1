package org.uiospark.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.uiospark.model.adapter.AdapterShape;

/**
 * The gradient of an adapter on its device, which sequences add to one after the other: one
 * contiguous vector in float32, laid out as {@link AdapterShape} says.
 *
 * <p>One thread at a time adds to it.
 */
public final class AdapterGradient implements AutoCloseable {
  private final DeviceAdapter adapter;
  private final NDManager manager;
  private final NDArray flat;
  private final Map<String, NDArray> tensors = new LinkedHashMap<>();
  private NDManager copies;

  /**
   * @param manager closed with this
   */
  AdapterGradient(DeviceAdapter adapter, AdapterShape shape, NDManager manager) {
    this.adapter = adapter;
    this.manager = manager;
    this.copies = manager.newSubManager();
    this.flat = manager.zeros(new Shape(shape.size()));
    for (AdapterShape.Slot slot : shape.slots()) {
      tensors.put(slot.name(), DeviceAdapter.place(flat, slot));
    }
  }

  /** The adapter that it is the gradient of. */
  public DeviceAdapter adapter() {
    return adapter;
  }

  /** Its parts by the names of the adapter's tensors, of the same shapes. */
  public Map<String, NDArray> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /** Forgets what was added. */
  public void clear() {
    flat.set(new NDIndex(":"), 0);
  }

  /**
   * What was added up to here, in this machine's memory and order of bytes: on the CPU the vector
   * itself, from a GPU one copy. It ends when this is closed, or asked again.
   */
  public ByteBuffer bytes() {
    copies.close();
    copies = manager.newSubManager();
    return Staging.back(flat, copies);
  }

  /** A copy of what was added up to here. */
  public float[] copy() {
    FloatBuffer values = bytes().asFloatBuffer();
    float[] copy = new float[values.remaining()];
    values.get(copy);
    return copy;
  }

  @Override
  public void close() {
    manager.close();
  }
}
