package org.uiospark.jobs.train.step;

import java.util.Locale;
import org.uiospark.jobs.checkpoint.Checkpoint;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.jobs.settings.OptimizerSettings;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.optim.AdamW;
import org.uiospark.model.optim.AdamWSettings;
import org.uiospark.model.optim.Chunks;
import org.uiospark.model.optim.GradientNorm;
import org.uiospark.model.optim.LearningRateSchedule;
import org.uiospark.model.segment.NonFiniteException;

/**
 * The adapter of a run while it is trained, on the driver: its values, the moments of AdamW, and
 * how a gradient changes them.
 */
public final class TrainedAdapter {
  private final Adapter adapter;
  private final AdamW optimizer;
  private final LearningRateSchedule schedule;
  private final double clip;

  /**
   * @param adapter updated in place
   * @param clip largest global norm of the gradient, 0 for none
   */
  TrainedAdapter(Adapter adapter, AdamW optimizer, LearningRateSchedule schedule, double clip) {
    this.adapter = adapter;
    this.optimizer = optimizer;
    this.schedule = schedule;
    this.clip = clip;
  }

  /**
   * Goes on from a checkpoint, whose vectors it takes as its own.
   *
   * @param steps of the whole run, which the learning rate falls over
   */
  public static TrainedAdapter of(Checkpoint from, OptimizerSettings settings, int steps) {
    return new TrainedAdapter(
        from.adapter(),
        new AdamW(
            new AdamWSettings(
                settings.beta1(),
                settings.beta2(),
                AdamWSettings.DEFAULT.epsilon(),
                settings.weightDecay()),
            from.adapter().shape(),
            from.firstMoment(),
            from.secondMoment(),
            from.state().step()),
        new LearningRateSchedule(settings.lr(), settings.warmup(), steps, 0),
        settings.clip());
  }

  /** The adapter as the last update left it. */
  public Adapter adapter() {
    return adapter;
  }

  /**
   * Clips the gradient and takes the step of AdamW.
   *
   * @param step counted from 0
   * @param gradient of the mean loss, in the layout of the adapter; it is changed
   * @param norm of the gradient
   * @return the learning rate
   * @throws NonFiniteException if the updated adapter is not finite
   */
  double update(long step, float[] gradient, double norm) {
    if (clip > 0) {
      GradientNorm.clip(gradient, norm, clip);
    }
    double lr = schedule.at(step);
    optimizer.update(adapter.values(), gradient, lr);
    requireFinite(step + 1, lr);
    return lr;
  }

  /** No checkpoint of an adapter that is not finite could ever be loaded. */
  private void requireFinite(long step, double lr) {
    float[] values = adapter.values();
    if (!Chunks.all(values.length, (from, to) -> Chunks.finite(values, from, to))) {
      throw new NonFiniteException(
          String.format(
              Locale.ROOT,
              "step %d: the update at learning rate %s made the adapter infinite; lower --lr",
              step,
              lr));
    }
    float[] squares = optimizer.secondMoment();
    if (!Chunks.all(squares.length, (from, to) -> Chunks.finite(squares, from, to))) {
      throw new NonFiniteException(
          String.format(
              Locale.ROOT,
              "step %d: the square of a gradient is infinite in the optimizer; set --clip, or lower it",
              step));
    }
  }

  /** A copy: the next update changes adapter and moments while this one is being written. */
  public Checkpoint snapshot(AdapterConfig config, TrainerState state) {
    return new Checkpoint(
        config,
        new Adapter(adapter.shape(), adapter.values().clone()),
        optimizer.firstMoment().clone(),
        optimizer.secondMoment().clone(),
        state);
  }
}
