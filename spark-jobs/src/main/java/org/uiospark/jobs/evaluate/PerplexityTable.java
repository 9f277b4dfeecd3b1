package org.uiospark.jobs.evaluate;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;
import org.uiospark.jobs.evaluate.score.ContextPerplexity;
import org.uiospark.jobs.evaluate.score.ContextSeconds;
import org.uiospark.jobs.evaluate.score.MemoryCurvePoint;
import org.uiospark.jobs.results.ResultFile;
import org.uiospark.jobs.statistics.Interval;
import org.uiospark.jobs.statistics.TextTable;
import org.uiospark.jobs.statistics.TokenMean;

/**
 * Held-out perplexity by context length, with what it was measured on.
 *
 * @param rows a row a context length
 * @param curve the same target behind more and more memories
 * @param seconds how long that took by context length; no result, so it stands elsewhere
 * @param data URI of the held-out data set
 * @param dataFingerprint its fingerprint
 * @param modelFingerprint base model
 * @param adapter URI of the adapter
 * @param windowTokens the base model's native window
 */
record PerplexityTable(
    List<ContextPerplexity> rows,
    List<MemoryCurvePoint> curve,
    @JsonIgnore List<ContextSeconds> seconds,
    String data,
    @JsonProperty("data_fingerprint") String dataFingerprint,
    @JsonProperty("model_fingerprint") String modelFingerprint,
    String adapter,
    @JsonProperty("window_tokens") int windowTokens)
    implements SuiteResult {

  @Override
  public String file() {
    return ResultFile.PERPLEXITY;
  }

  /** The table as text, a line a context length, then the curve. */
  @Override
  public String text() {
    TextTable table = new TextTable();
    table.line(
        "%9s %10s %9s %25s %25s %25s %25s %22s",
        "context",
        "sequences",
        "labels",
        "with memory [95%]",
        "no memory [95%]",
        "window " + windowTokens + " [95%]",
        "truncated [95%]",
        "gain % [95%]");
    for (ContextPerplexity row : rows) {
      table.line(
          "%9d %10d %9d %25s %25s %25s %25s %22s",
          row.contextTokens(),
          row.sequences(),
          row.labels(),
          figure(row.withMemory()),
          figure(row.withoutMemory()),
          figure(row.nativeWindow()),
          row.truncated().tokens() == 0 ? "-" : figure(row.truncated()),
          Interval.percent(row.gain().value(), row.gain().interval()));
    }
    if (!curve.isEmpty()) {
      curve(table);
    }
    return table.toString();
  }

  private void curve(TextTable table) {
    table.line("");
    table.line(
        "%9s %10s %9s %25s %30s %30s",
        "memories",
        "sequences",
        "labels",
        "perplexity [95%]",
        "nats saved a token [95%]",
        "more than the row above [95%]");
    for (MemoryCurvePoint point : curve) {
      table.line(
          "%9d %10d %9d %25s %30s %30s",
          point.memories(),
          point.sequences(),
          point.labels(),
          figure(point.perplexity(), point.interval()),
          Interval.text(point.savedNats(), point.savedInterval(), 4),
          Interval.text(point.addedNats(), point.addedInterval(), 4));
    }
  }

  private static String figure(TokenMean perplexity) {
    return figure(perplexity.value(), perplexity.interval());
  }

  private static String figure(double value, Interval interval) {
    return String.format(Locale.ROOT, "%.3f ", value) + Interval.text(interval, 2);
  }
}
