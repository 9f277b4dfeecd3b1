package org.uiospark.jobs.settings;

import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;

/**
 * Which checkpoints of a run stay; one that any of the three wants does.
 *
 * @param keepLast the newest so many, 0 for all
 * @param keepEvery those whose step is a multiple of it, 0 for none
 * @param keepBest those of the lowest held-out loss, so many
 */
public record RetentionSettings(int keepLast, int keepEvery, int keepBest) {
  /** Nothing is ever deleted. */
  public static final RetentionSettings ALL = new RetentionSettings(0, 0, 0);

  /** Refuses what would have no effect. */
  public RetentionSettings {
    if (keepLast == 0 && (keepEvery > 0 || keepBest > 0)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s = %d does nothing while train.keep-last = 0 keeps every checkpoint; give --keep-last N as well",
              keepEvery > 0 ? "train.keep-every" : "train.keep-best",
              keepEvery > 0 ? keepEvery : keepBest));
    }
  }

  static RetentionSettings of(Settings settings) {
    return new RetentionSettings(
        settings.integer("train.keep-last"),
        settings.integer("train.keep-every"),
        settings.integer("train.keep-best"));
  }
}
