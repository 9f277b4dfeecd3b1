package org.uiospark.model.gradient;

import java.io.Serializable;
import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;

/**
 * What is mixed into the cross-entropy: the divergence from a teacher, which is the frozen model
 * itself on the text that fits its own window.
 *
 * <p>The loss of a token is {@code weight * temperature^2 * KL(teacher || student) + (1 - weight) *
 * cross-entropy}, with both distributions of the divergence at the temperature.
 *
 * @param weight share of the divergence, above 0 and at most 1
 * @param temperature above 0; 1 leaves the distributions as they are
 * @param window tokens that the teacher reads at once, context and segment together
 */
public record Distillation(double weight, double temperature, int window) implements Serializable {
  /** Checks every value. */
  public Distillation {
    if (!(weight > 0 && weight <= 1)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT, "distill-weight %s is out of range: above 0, at most 1", weight));
    }
    if (!(temperature > 0 && temperature <= Float.MAX_VALUE)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT, "distill-temperature %s is out of range: above 0", temperature));
    }
    if (window < 1) {
      throw new InvalidInputException(
          String.format(Locale.ROOT, "distill-window %d is out of range: at least 1", window));
    }
  }
}
