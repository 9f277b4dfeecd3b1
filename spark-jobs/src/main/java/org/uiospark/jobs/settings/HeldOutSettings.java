package org.uiospark.jobs.settings;

/**
 * What the held-out loss of a checkpoint is measured on.
 *
 * @param data URI of the held-out data set, empty to measure none
 * @param sequences of it that are read, from its start
 */
public record HeldOutSettings(String data, int sequences) {
  /** No held-out loss. */
  public static final HeldOutSettings NONE = new HeldOutSettings("", 1);

  static HeldOutSettings of(Settings settings) {
    return new HeldOutSettings(
        settings.text("train.held-out"), settings.integer("train.held-out-sequences"));
  }
}
