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
        settings.positive("train.lr"),
        settings.countOrShare("train.warmup", steps),
        settings.notNegative("train.weight-decay"),
        settings.between("train.beta1", 0, BELOW_ONE),
        settings.between("train.beta2", 0, BELOW_ONE),
        settings.notNegative("train.clip"));
  }

  /** A moment with decay 1 would never move. */
  private static final double BELOW_ONE = 0.999999;
}
