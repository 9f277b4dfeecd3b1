package org.uiospark.jobs.train.step;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.uiospark.data.settings.Objective;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.optim.Chunks;
import org.uiospark.model.segment.NonFiniteException;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * Adds the lanes of a step in their order, whatever order they arrive in: float sums depend on the
 * order, and these must not depend on the cluster. Those that come early wait as bytes. Threads
 * share the vector, not the lanes: each value has its lanes added in their order.
 */
final class LaneSum extends AbstractFunction2<Object, byte[], BoxedUnit> {
  private static final int PIECE = 1 << 12;

  private final long step;
  private final byte[][] waiting;
  private final float[] values;
  private final List<LaneGradient> lanes = new ArrayList<>();
  private int next;
  private String useless;
  private String refusal;
  private double lossSum;
  private long validLabels;
  private long tokens;
  private long computeNanos;
  private long nanos;

  /**
   * @param step steps taken, this one included, for messages
   * @param lanes how many will come
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

  private void add(LaneGradient.Received received) {
    LaneGradient lane = received.lane();
    lanes.add(lane);
    lossSum += lane.lossSum();
    validLabels += lane.validLabels();
    tokens += lane.tokens();
    computeNanos = Math.max(computeNanos, lane.computeNanos());
    if (!lane.refusal().isEmpty()) {
      refusal = refusal == null ? lane.refusal() : refusal;
      return;
    }
    boolean finite =
        Double.isFinite(lane.lossSum())
            && Chunks.all(values.length, (from, to) -> add(received.values(), from, to));
    if (!finite) {
      useless = useless == null ? lane.sequences() : useless;
    }
  }

  /** Adds a part of the vector in pieces that stay in the cache; false if it is not finite. */
  private boolean add(FloatBuffer lane, int from, int to) {
    float[] piece = new float[PIECE];
    boolean finite = true;
    for (int at = from; at < to; at += PIECE) {
      int count = Math.min(PIECE, to - at);
      lane.get(at, piece, 0, count);
      for (int i = 0; i < count; i++) {
        values[at + i] += piece[i];
      }
      finite &= Chunks.finite(piece, 0, count);
    }
    return finite;
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
      throw new InvalidInputException(String.format(Locale.ROOT, "step %d: %s", step, refusal));
    }
    if (useless != null) {
      throw new NonFiniteException(
          String.format(
              Locale.ROOT,
              "step %d: loss or gradient is not finite in %s; the adapter was not updated;"
                  + " lower --lr, or leave the document out",
              step,
              useless));
    }
    if (validLabels == 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "step %d: no label of the batch counts: %s; leave these documents out",
              step,
              sequences()));
    }
    if (!Chunks.all(values.length, this::divide)) {
      throw new NonFiniteException(
          String.format(
              Locale.ROOT,
              "step %d: the gradients of %s have no finite sum; the adapter was not updated",
              step,
              sequences()));
    }
    return values;
  }

  private String sequences() {
    return lanes.stream().map(LaneGradient::sequences).collect(Collectors.joining("; "));
  }

  private boolean divide(int from, int to) {
    // Up to 2^24 labels the bits are those of a division in float64, and the compiler makes vector
    // instructions of it.
    float labels = validLabels;
    for (int i = from; i < to; i++) {
      values[i] /= labels;
    }
    return Chunks.finite(values, from, to);
  }

  /**
   * What the lanes read, and its loss; one objective without a label that counts is left out.
   *
   * @param objectives that of each lane
   */
  BatchLoss loss(List<Objective> objectives) {
    Map<String, Double> losses = new LinkedHashMap<>();
    for (Objective objective : Objective.values()) {
      double sum = 0;
      long labels = 0;
      for (int lane = 0; lane < lanes.size(); lane++) {
        if (objectives.get(lane) == objective) {
          sum += lanes.get(lane).lossSum();
          labels += lanes.get(lane).validLabels();
        }
      }
      if (labels > 0) {
        losses.put(objective.key(), sum / labels);
      }
    }
    return new BatchLoss(lossSum / validLabels, losses, tokens, validLabels);
  }

  /** Seconds that the slowest lane spent on its gradient. */
  double computeSeconds() {
    return computeNanos / 1e9;
  }

  /** Seconds spent adding. */
  double seconds() {
    return nanos / 1e9;
  }
}
