package org.uiospark.jobs.generate;

import java.util.Locale;

/**
 * What a generation took, in seconds.
 *
 * @param start of the process, until the command began
 * @param model until base, adapter and tokenizer were loaded
 * @param memories until those of the file were loaded
 * @param reading until the first token
 * @param writing from that to the last
 * @param memorized tokens of the segments in the file
 * @param read tokens that were read before the first one came
 * @param generated tokens that came
 */
record GenerationFigures(
    double start,
    double model,
    double memories,
    double reading,
    double writing,
    long memorized,
    int read,
    int generated) {

  /** For people: the first token by its parts, and how fast tokens were read and written. */
  String line() {
    return String.format(
        Locale.ROOT,
        "first token after %.2f s: %.2f to start, %.2f to load the model%s, %.2f to read %,d tokens"
            + " (%,.0f tokens/s); then %.1f tokens/s",
        start + model + memories + reading,
        start,
        model,
        memorized == 0
            ? ""
            : String.format(
                Locale.ROOT, ", %.2f to load memories of %,d tokens", memories, memorized),
        reading,
        read,
        rate(read, reading),
        rate(Math.max(0, generated - 1), writing));
  }

  private static double rate(int tokens, double seconds) {
    return seconds > 0 ? tokens / seconds : 0;
  }
}
