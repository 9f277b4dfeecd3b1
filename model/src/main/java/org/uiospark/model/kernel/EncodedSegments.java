package org.uiospark.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the encoder made of B segments, one after the other.
 *
 * @param memory of every layer, {@code [L, B * m, D]}
 * @param tape what the way back through the encoder needs, by name; empty where there is no way
 *     back
 */
public record EncodedSegments(NDArray memory, Map<String, NDArray> tape) {

  /** Memories {@code [L, B * m, D]} that are not back-propagated to the encoder. */
  public static EncodedSegments withoutTape(NDArray memory) {
    return new EncodedSegments(memory, Map.of());
  }

  /** The tensors that the kernel gave, by their names. */
  static EncodedSegments of(NDList named) {
    Map<String, NDArray> tape = new LinkedHashMap<>();
    for (NDArray tensor : named) {
      tape.put(tensor.getName(), tensor);
      // From here on the map has the name; as an argument it gets another.
      tensor.setName(null);
    }
    try (NDArray memory = tape.remove("memory")) {
      return new EncodedSegments(inRows(memory), tape);
    }
  }

  /** Memories {@code [L, B, m, D]} one after the other, {@code [L, B * m, D]}: a view. */
  static NDArray inRows(NDArray memories) {
    long[] shape = memories.getShape().getShape();
    return memories.reshape(shape[0], shape[1] * shape[2], shape[3]);
  }

  /** Makes another manager the owner of all tensors. */
  public void attach(NDManager manager) {
    memory.attach(manager);
    tape.values().forEach(tensor -> tensor.attach(manager));
  }
}
