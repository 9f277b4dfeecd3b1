package org.uiospark.jobs.train;

import java.util.ArrayList;
import java.util.List;
import org.uiospark.model.InvalidInputException;
import org.uiospark.model.memory.NonFiniteException;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * Adds the lanes of a step in their order, whatever order they arrive in: float sums depend on the
 * order, and these must not depend on the cluster. Those that come early wait as bytes.
 */
final class LaneSum extends AbstractFunction2<Object, byte[], BoxedUnit> {
  private final long step;
  private final byte[][] waiting;
  private final float[] values;
  private final List<String> sequences = new ArrayList<>();
  private int next;
  private String useless;
  private String refusal;
  private double lossSum;
  private long validLabels;
  private long tokens;
  private long computeNanos;
  private long nanos;

  /**
   * @param size values of the gradient
   */
  LaneSum(long step, int lanes, int size) {
    this.step = step;
    this.waiting = new byte[lanes][];
    this.values = new float[size];
  }

  /** Takes the result of a lane; Spark calls it from one thread at a time. */
  @Override
  public BoxedUnit apply(Object lane, byte[] result) {
    long begin = System.nanoTime();
    waiting[(Integer) lane] = result;
    while (next < waiting.length && waiting[next] != null) {
      add(LaneGradient.decode(waiting[next]));
      waiting[next++] = null;
    }
    nanos += System.nanoTime() - begin;
    return BoxedUnit.UNIT;
  }

  private void add(LaneGradient lane) {
    sequences.add(lane.sequences());
    lossSum += lane.lossSum();
    validLabels += lane.validLabels();
    tokens += lane.tokens();
    computeNanos = Math.max(computeNanos, lane.computeNanos());
    if (!lane.refusal().isEmpty()) {
      refusal = refusal == null ? lane.refusal() : refusal;
      return;
    }
    if (!lane.isFinite()) {
      useless = useless == null ? lane.sequences() : useless;
      return;
    }
    float[] part = lane.values();
    for (int i = 0; i < values.length; i++) {
      values[i] += part[i];
    }
  }

  /**
   * The gradient of the mean loss over the valid labels of the global batch; can be asked once.
   *
   * @throws NonFiniteException if a loss or gradient is not finite, naming step and sequence
   * @throws InvalidInputException if a lane refused its input, or no label of the batch counts
   */
  float[] mean() {
    if (next < waiting.length) {
      throw new IllegalStateException("lane " + next + " of step " + step + " never came");
    }
    if (refusal != null) {
      throw new InvalidInputException("step %d: %s".formatted(step, refusal));
    }
    if (useless != null) {
      throw new NonFiniteException(
          ("step %d: loss or gradient is not finite in %s; the adapter was not updated;"
                  + " lower --lr and --resume from the newest checkpoint, or leave the document out")
              .formatted(step, useless));
    }
    if (validLabels == 0) {
      throw new InvalidInputException(
          "step %d: no label of the batch counts: %s; leave these documents out"
              .formatted(step, String.join("; ", sequences)));
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (values[i] / (double) validLabels);
      if (!Float.isFinite(values[i])) {
        throw new NonFiniteException(
            "step %d: the gradients of %s have no finite sum; the adapter was not updated"
                .formatted(step, String.join("; ", sequences)));
      }
    }
    return values;
  }

  /** Mean loss of a valid label, in nats. */
  double meanLoss() {
    return lossSum / validLabels;
  }

  long tokens() {
    return tokens;
  }

  long validLabels() {
    return validLabels;
  }

  /** Time that the slowest lane spent on its gradient. */
  double computeSeconds() {
    return computeNanos / 1e9;
  }

  /** Time spent adding. */
  double seconds() {
    return nanos / 1e9;
  }
}
