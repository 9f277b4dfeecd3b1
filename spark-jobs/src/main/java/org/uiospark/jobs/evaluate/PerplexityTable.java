package org.uiospark.jobs.evaluate;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;

/**
 * Held-out perplexity by context length, with what it was measured on.
 *
 * @param rows a row a context length
 * @param data URI of the held-out data set
 * @param dataFingerprint its fingerprint
 * @param modelFingerprint base model
 * @param adapter URI of the adapter
 * @param windowTokens the base model's native window
 */
public record PerplexityTable(
    List<ContextPerplexity> rows,
    String data,
    @JsonProperty("data_fingerprint") String dataFingerprint,
    @JsonProperty("model_fingerprint") String modelFingerprint,
    String adapter,
    @JsonProperty("window_tokens") int windowTokens) {

  /** The table as text, a line a context length. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%9s %10s %12s %12s %12s %8s%n",
            "context",
            "sequences",
            "with memory",
            "no memory",
            "window " + windowTokens,
            "gain"));
    for (ContextPerplexity row : rows) {
      text.append(
          String.format(
              Locale.ROOT,
              "%9d %10d %12.3f %12.3f %12.3f %7.2f%%%n",
              row.contextTokens(),
              row.sequences(),
              row.withMemory(),
              row.withoutMemory(),
              row.nativeWindow(),
              100 * (1 - row.withMemory() / row.withoutMemory())));
    }
    return text.toString();
  }
}
