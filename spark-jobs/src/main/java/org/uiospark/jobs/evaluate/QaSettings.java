package org.uiospark.jobs.evaluate;

import java.util.List;
import org.uiospark.jobs.settings.Settings;

/**
 * Questions of {@code evaluate --suite qa}.
 *
 * @param files JSONL in LongBench's format; empty where the suite is not run
 * @param maxPrompt tokens of the longest prompt; what is longer loses its middle
 * @param maxNewTokens tokens of the longest answer
 */
public record QaSettings(List<String> files, int maxPrompt, int maxNewTokens) {
  static QaSettings of(Settings settings, boolean asked) {
    return new QaSettings(
        asked ? settings.givenTexts("evaluate.qa") : List.of(),
        settings.integer("evaluate.qa-max-prompt"),
        settings.integer("evaluate.qa-max-new-tokens"));
  }
}
