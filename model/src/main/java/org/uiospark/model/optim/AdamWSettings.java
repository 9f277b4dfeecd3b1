package org.uiospark.model.optim;

import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;

/**
 * The settings of AdamW.
 *
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment
 * @param weightDecay decoupled: a step shrinks a value by {@code lr * weightDecay} of itself
 */
public record AdamWSettings(double beta1, double beta2, double epsilon, double weightDecay) {
  /** 0.9, 0.95, 1e-8, no weight decay. */
  public static final AdamWSettings DEFAULT = new AdamWSettings(0.9, 0.95, 1e-8, 0);

  /** Checks the ranges. */
  public AdamWSettings {
    decay("beta1", beta1);
    decay("beta2", beta2);
    if (!(epsilon > 0) || Double.isInfinite(epsilon)) {
      throw new InvalidInputException("epsilon " + epsilon + " is out of range: above 0");
    }
    if (!(weightDecay >= 0) || Double.isInfinite(weightDecay)) {
      throw new InvalidInputException("weight-decay " + weightDecay + " is out of range: from 0");
    }
  }

  private static void decay(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new InvalidInputException(
          String.format(Locale.ROOT, "%s %s is out of range: from 0 to below 1", name, value));
    }
  }
}
