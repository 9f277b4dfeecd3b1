package org.uiospark.jobs.evaluate;

import java.util.List;
import org.uiospark.jobs.settings.Settings;

/**
 * Prompts of {@code evaluate --suite passkey}.
 *
 * @param lengths tokens of a prompt
 * @param depths where the key stands among the filler: 0 at its start, 1 at its end
 * @param cases prompts for each length and depth
 */
public record PasskeySettings(List<Integer> lengths, List<Double> depths, int cases) {
  static PasskeySettings of(Settings settings) {
    return new PasskeySettings(
        settings.integers("evaluate.passkey-lengths"),
        settings.numbers("evaluate.passkey-depths"),
        settings.integer("evaluate.passkey-cases"));
  }
}
