package org.uiospark.jobs.checkpoint;

import org.uiospark.jobs.settings.Settings;

/**
 * What {@code checkpoints} looks at.
 *
 * @param output what the user called the output of training
 * @param step the one step to verify, 0 for all
 */
public record CheckpointsSettings(String output, int step) {

  /** Reads and checks the section {@code checkpoints}. */
  public static CheckpointsSettings of(Settings settings) {
    return new CheckpointsSettings(
        settings.required("checkpoints.output"), settings.atLeast("checkpoints.step", 0));
  }
}
