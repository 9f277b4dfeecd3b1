package org.uiospark.model.reading;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Losses of segments, which stay on the device until all of them are asked for: to read one is to
 * wait until it is computed, with nothing else for the device to do meanwhile.
 */
public final class SegmentLosses implements AutoCloseable {
  private final NDManager manager;
  private final NDList losses = new NDList();

  /**
   * @param device must outlive this
   */
  public SegmentLosses(NDManager device) {
    this.manager = device.newSubManager();
  }

  /**
   * The loss of the next segment.
   *
   * @param loss {@code [1]} float64, owned by this from now on
   */
  public void add(NDArray loss) {
    loss.attach(manager);
    losses.add(loss);
  }

  /** The next segment has no label that counts, so it is not decoded. */
  public void addNone() {
    losses.add(manager.zeros(new Shape(1), DataType.FLOAT64));
  }

  /** All losses in their order, in nats. */
  public List<Double> values() {
    if (losses.isEmpty()) {
      return List.of();
    }
    return Arrays.stream(NDArrays.concat(losses).toDoubleArray())
        .boxed()
        .collect(Collectors.toList());
  }

  @Override
  public void close() {
    manager.close();
  }
}
