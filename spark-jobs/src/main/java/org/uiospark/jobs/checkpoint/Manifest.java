package org.uiospark.jobs.checkpoint;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.uiospark.model.input.InvalidInputException;

/**
 * {@code MANIFEST.json}: the files of a checkpoint. It is written last, so its presence says that
 * they are all there, and its sums that they are what was written.
 *
 * @param formatVersion version of this file, {@link #FORMAT_VERSION}
 * @param step the step of the checkpoint
 * @param losses of its step
 * @param files size and sum by file name
 */
record Manifest(
    @JsonProperty("format_version") int formatVersion,
    long step,
    Losses losses,
    Map<String, Entry> files) {
  static final String NAME = "MANIFEST.json";
  static final int FORMAT_VERSION = 2;

  /**
   * One file.
   *
   * @param bytes its size
   * @param sha256 SHA-256 of its content, hexadecimal
   */
  record Entry(long bytes, String sha256) {}

  Manifest {
    if (formatVersion != FORMAT_VERSION) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "format_version %d of %s is not supported; supported: %d",
              formatVersion,
              NAME,
              FORMAT_VERSION));
    }
    losses = losses == null ? Losses.UNKNOWN : losses;
    files = new TreeMap<>(files == null ? Map.of() : files);
  }
}
