package org.uiospark.model.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * Derivatives of a float64 loss of an adapter by central differences: along a random direction of
 * each of its tensors, and of all at once.
 */
public record ReferenceGradient(List<Along> derivatives) {
  /** Smaller steps meet float64's rounding, larger ones the curvature. */
  private static final double STEP = 1e-4;

  /** A direction and the derivative along it. */
  record Along(Direction direction, double derivative) {}

  public static ReferenceGradient of(
      Map<String, double[]> adapter, ToDoubleFunction<Map<String, double[]>> loss) {
    SplittableRandom random = new SplittableRandom(4);
    List<Set<String>> parts = new ArrayList<>();
    adapter.keySet().forEach(tensor -> parts.add(Set.of(tensor)));
    parts.add(adapter.keySet());
    List<Along> derivatives = new ArrayList<>();
    for (Set<String> part : parts) {
      Direction direction = Direction.draw(adapter, part, random);
      derivatives.add(new Along(direction, derivative(loss, adapter, direction)));
    }
    return new ReferenceGradient(derivatives);
  }

  /**
   * Compares.
   *
   * @param gradient in float32, by tensor
   */
  public void assertClose(Map<String, double[]> gradient) {
    for (Along along : derivatives) {
      Direction direction = along.direction();
      // A direction may happen to lie across the gradient; the usual derivative is the measure
      // then.
      double size = Math.max(Math.abs(along.derivative()), direction.usual(gradient));
      assertThat(direction.along(gradient))
          .as(direction.values().keySet().toString())
          .isCloseTo(along.derivative(), within(1e-4 * size));
    }
  }

  /**
   * Derivative of a loss along a direction.
   *
   * @param direction tensors of the adapter that it lacks stay as they are
   */
  static double derivative(
      ToDoubleFunction<Map<String, double[]>> loss,
      Map<String, double[]> adapter,
      Direction direction) {
    return (loss.applyAsDouble(moved(adapter, direction, STEP))
            - loss.applyAsDouble(moved(adapter, direction, -STEP)))
        / (2 * STEP);
  }

  private static Map<String, double[]> moved(
      Map<String, double[]> adapter, Direction direction, double step) {
    Map<String, double[]> moved = new LinkedHashMap<>(adapter);
    direction
        .values()
        .forEach(
            (name, values) -> {
              double[] at = adapter.get(name).clone();
              for (int i = 0; i < at.length; i++) {
                at[i] += step * values[i];
              }
              moved.put(name, at);
            });
    return moved;
  }
}
