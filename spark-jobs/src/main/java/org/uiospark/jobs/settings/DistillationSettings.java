package org.uiospark.jobs.settings;

import java.util.Optional;
import org.uiospark.model.gradient.Distillation;

/**
 * What is mixed into the cross-entropy of {@code lm} and {@code sft} sequences.
 *
 * @param weight share of the divergence from the teacher; 0 for none
 * @param temperature of both distributions
 * @param window tokens that the teacher reads at once; 0 for as many as the base model can
 */
public record DistillationSettings(double weight, double temperature, int window) {
  /** Cross-entropy alone. */
  public static final DistillationSettings NONE = new DistillationSettings(0, 1, 0);

  static DistillationSettings of(Settings settings) {
    return new DistillationSettings(
        settings.number("train.distill-weight"),
        settings.number("train.distill-temperature"),
        settings.integer("train.distill-window"));
  }

  /**
   * What the gradient takes.
   *
   * @param longest positions of the base model
   */
  public Optional<Distillation> of(int longest) {
    return weight == 0
        ? Optional.empty()
        : Optional.of(new Distillation(weight, temperature, window == 0 ? longest : window));
  }
}
