package org.uiospark.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;

/**
 * An adapter on a device, with a gradient that sequences add to.
 *
 * <p>One thread at a time adds to the gradient; any number may read with it, as long as none does.
 * The kernels take the tensors layer by layer: {@code <mem>}, then of each layer encoder q A, q B,
 * v A, v B, transfer k A, k B, v A, v B, and {@code <repeat>} where it has one.
 */
public final class DeviceAdapter implements AutoCloseable {
  private final AdapterShape shape;
  private final NDManager manager;
  private final List<AdapterShape.Slot> slots;
  private final NDList leaves = new NDList();
  private final NDList gradient = new NDList();

  /**
   * @param staging direct memory of the size of the adapter, free again when this returns
   */
  DeviceAdapter(NDManager manager, Adapter adapter, ByteBuffer staging) {
    this.shape = adapter.shape();
    this.manager = manager;
    this.slots = kernelOrder(shape);
    staging.asFloatBuffer().put(adapter.values());
    // Many small buffers would be freed when the collector finds them, not when they are done with.
    try (NDManager scratch = manager.newSubManager()) {
      NDArray flat = scratch.create(staging, new Shape(shape.size()), DataType.FLOAT32);
      for (AdapterShape.Slot slot : slots) {
        Shape dimensions = new Shape(slot.dimensions());
        NDIndex place =
            new NDIndex().addSliceDim(slot.offset(), (long) slot.offset() + slot.size());
        NDArray leaf = flat.get(place).reshape(dimensions).duplicate();
        leaf.attach(manager);
        leaf.setName("adapter[]");
        leaves.add(leaf);
        NDArray sum = manager.zeros(dimensions);
        sum.setName("gradient[]");
        gradient.add(sum);
      }
    }
  }

  private static List<AdapterShape.Slot> kernelOrder(AdapterShape shape) {
    Map<String, AdapterShape.Slot> byName =
        shape.slots().stream()
            .collect(Collectors.toMap(AdapterShape.Slot::name, Function.identity()));
    List<AdapterShape.Slot> order = new ArrayList<>();
    order.add(byName.get(AdapterShape.MEM_EMBEDDING));
    for (int i = 0; i < shape.layers(); i++) {
      for (String part :
          List.of("encoder %d q", "encoder %d v", "transfer %d k", "transfer %d v")) {
        String[] words = String.format(Locale.ROOT, part, i).split(" ");
        String name =
            String.format(Locale.ROOT, "%s.layers.%s.self_attn.%s_proj.lora_", (Object[]) words);
        order.add(byName.get(name + "A.weight"));
        order.add(byName.get(name + "B.weight"));
      }
    }
    if (shape.repeat()) {
      order.add(byName.get(AdapterShape.REPEAT_EMBEDDING));
    }
    return order;
  }

  public NDList leaves() {
    return leaves;
  }

  public NDList gradient() {
    return gradient;
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
    for (int i = 0; i < slots.size(); i++) {
      AdapterShape.Slot slot = slots.get(i);
      // Directly from the tensor, where it lies in this machine's memory.
      ByteBuffer tensor = gradient.get(i).toByteBuffer(true).order(ByteOrder.nativeOrder());
      into.put(slot.offset(), tensor.asFloatBuffer(), 0, slot.size());
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
