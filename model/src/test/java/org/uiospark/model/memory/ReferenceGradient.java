package org.uiospark.model.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;

/** Compares a gradient with central differences of a float64 loss. */
final class ReferenceGradient {
  private static final int COORDINATES = 3;
  private static final double STEP = 1e-4;

  private ReferenceGradient() {}

  /** Some coordinates of every tensor, the norm of their difference over their norm. */
  static void assertClose(float[] gradient, Adapter adapter, ToDoubleFunction<double[]> loss) {
    double[] values = new double[adapter.values().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = adapter.values()[i];
    }
    SplittableRandom random = new SplittableRandom(11);
    for (AdapterShape.Slot slot : adapter.shape().slots()) {
      double difference = 0;
      double norm = 0;
      for (int n = 0; n < COORDINATES; n++) {
        int i = slot.offset() + random.nextInt(slot.size());
        double value = values[i];
        values[i] = value + STEP;
        double above = loss.applyAsDouble(values);
        values[i] = value - STEP;
        double below = loss.applyAsDouble(values);
        values[i] = value;
        double expected = (above - below) / (2 * STEP);
        difference += Math.pow(gradient[i] - expected, 2);
        norm += expected * expected;
      }
      assertThat(Math.sqrt(difference))
          .as("%s, norm %s", slot.name(), Math.sqrt(norm))
          .isLessThanOrEqualTo(1e-4 * Math.sqrt(norm) + 1e-9);
    }
  }
}
