package org.uiospark.jobs.train;

import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.jobs.train.step.StepMetrics;

/** Lines in the log for people: the first step, the last, and one every two seconds between. */
final class Progress {
  private static final Logger LOG = LoggerFactory.getLogger(Progress.class);
  private static final long PAUSE = Duration.ofSeconds(2).toNanos();

  /** Weight of the newest step in the running mean that the time left is told from. */
  private static final double NEWEST = 0.2;

  private final long steps;
  private double secondsPerStep;
  private long said;

  Progress(long steps) {
    this.steps = steps;
  }

  void done(StepMetrics step) {
    boolean first = secondsPerStep == 0;
    secondsPerStep =
        first ? step.seconds() : secondsPerStep + NEWEST * (step.seconds() - secondsPerStep);
    long now = System.nanoTime();
    if (!first && step.step() < steps && now - said < PAUSE) {
      return;
    }
    said = now;
    Duration left = Duration.ofSeconds(Math.round((steps - step.step()) * secondsPerStep));
    LOG.info(
        "{}",
        String.format(
            Locale.ROOT,
            "step %d/%d  loss %.4f  %.0f tokens/s  %d:%02d:%02d left",
            step.step(),
            steps,
            step.batch().loss(),
            step.tokensPerSecond(),
            left.toHours(),
            left.toMinutesPart(),
            left.toSecondsPart()));
  }
}
