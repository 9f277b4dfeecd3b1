package org.uiospark.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the encoder made of one segment.
 *
 * @param memory of every layer, {@code [L, m, D]}
 * @param tape what the way back through the encoder needs, by name; empty where there is no way
 *     back
 */
public record EncodedSegment(NDArray memory, Map<String, NDArray> tape) {

  /** A memory that is not back-propagated to the encoder. */
  public static EncodedSegment withoutTape(NDArray memory) {
    return new EncodedSegment(memory, Map.of());
  }

  /** The tensors that the kernel gave, by their names. */
  static EncodedSegment of(NDList named) {
    Map<String, NDArray> tape = new LinkedHashMap<>();
    for (NDArray tensor : named) {
      tape.put(tensor.getName(), tensor);
      // From here on the map has the name; as an argument it gets another.
      tensor.setName(null);
    }
    try (NDArray memory = tape.remove("memory")) {
      return new EncodedSegment(memory.squeeze(1), tape);
    }
  }

  /** Makes another manager the owner of all tensors. */
  public void attach(NDManager manager) {
    memory.attach(manager);
    tape.values().forEach(tensor -> tensor.attach(manager));
  }
}
