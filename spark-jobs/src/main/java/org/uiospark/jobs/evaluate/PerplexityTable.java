package org.uiospark.jobs.evaluate;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;
import org.uiospark.jobs.report.ResultFile;
import org.uiospark.jobs.statistics.Interval;

/**
 * Held-out perplexity by context length, with what it was measured on.
 *
 * @param rows a row a context length
 * @param curve the same target behind more and more memories
 * @param data URI of the held-out data set
 * @param dataFingerprint its fingerprint
 * @param modelFingerprint base model
 * @param adapter URI of the adapter
 * @param windowTokens the base model's native window
 */
record PerplexityTable(
    List<ContextPerplexity> rows,
    List<MemoryCurvePoint> curve,
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
    StringBuilder text = new StringBuilder();
    line(
        text,
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
      line(
          text,
          "%9d %10d %9d %25s %25s %25s %25s %22s",
          row.contextTokens(),
          row.sequences(),
          row.labels(),
          figure(row.withMemory(), row.withMemoryInterval()),
          figure(row.withoutMemory(), row.withoutMemoryInterval()),
          figure(row.nativeWindow(), row.nativeWindowInterval()),
          figure(row.truncated(), row.truncatedInterval()),
          percent(row.gain(), row.gainInterval()));
    }
    if (!curve.isEmpty()) {
      curve(text);
    }
    return text.toString();
  }

  private void curve(StringBuilder text) {
    line(text, "");
    line(
        text,
        "%9s %10s %9s %25s %30s",
        "memories",
        "sequences",
        "labels",
        "perplexity [95%]",
        "nats saved a token [95%]");
    for (MemoryCurvePoint point : curve) {
      line(
          text,
          "%9d %10d %9d %25s %30s",
          point.memories(),
          point.sequences(),
          point.labels(),
          figure(point.perplexity(), point.interval()),
          String.format(Locale.ROOT, "%.4f ", point.savedNats())
              + Interval.text(point.savedInterval(), 4));
    }
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format + "%n", values));
  }

  private static String figure(double value, Interval interval) {
    return String.format(Locale.ROOT, "%.3f ", value) + Interval.text(interval, 2);
  }

  private static String percent(double share, Interval interval) {
    Interval percent =
        interval == null ? null : new Interval(100 * interval.low(), 100 * interval.high());
    return String.format(Locale.ROOT, "%.2f ", 100 * share) + Interval.text(percent, 2);
  }
}
