package org.uiospark.jobs.settings;

/**
 * AdamW, its schedule and clipping.
 *
 * @param lr peak learning rate
 * @param warmup steps of linear warm-up; cosine decay after them
 * @param weightDecay decoupled weight decay
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param clip largest global norm of the gradient, 0 for none
 */
public record OptimizerSettings(
    double lr, int warmup, double weightDecay, double beta1, double beta2, double clip) {

  static OptimizerSettings of(Settings settings, int steps) {
    return new OptimizerSettings(
        settings.number("train.lr"),
        settings.countOrShare("train.warmup", steps),
        settings.number("train.weight-decay"),
        settings.number("train.beta1"),
        settings.number("train.beta2"),
        settings.number("train.clip"));
  }
}
