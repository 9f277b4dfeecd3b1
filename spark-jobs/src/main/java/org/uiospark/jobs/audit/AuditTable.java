package org.uiospark.jobs.audit;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.uiospark.jobs.statistics.Interval;
import org.uiospark.jobs.statistics.TextTable;
import org.uiospark.jobs.statistics.TokenMean;

/**
 * Estimators against the exact gradient, by window; each figure is the mean over the sequences, and
 * its 95% interval is Student's over them ({@link TokenMean}).
 *
 * @param rows a row an estimator and window
 * @param sequences sequences
 * @param repeats draws of each row and sequence
 * @param exactGflops operations of an exact gradient, in 10^9
 * @param exactSeconds its time
 * @param exactMemory bytes that it takes on the device, all graphs kept, by MemoryCount
 * @param largestDeviation largest relative difference between a gradient's norm and what the
 *     products of pairs give for it: how far both ways to compute it agree
 * @param data URI of the data set
 * @param dataFingerprint its fingerprint
 * @param modelFingerprint base model
 * @param adapter URI of the adapter
 */
public record AuditTable(
    List<Row> rows,
    int sequences,
    int repeats,
    @JsonProperty("exact_gflops") double exactGflops,
    @JsonProperty("exact_seconds") double exactSeconds,
    @JsonProperty("exact_memory_bytes") double exactMemory,
    @JsonProperty("largest_deviation") double largestDeviation,
    String data,
    @JsonProperty("data_fingerprint") String dataFingerprint,
    @JsonProperty("model_fingerprint") String modelFingerprint,
    String adapter) {
  private static final double MIB = 1 << 20;

  /**
   * One estimator at one window; see {@link DrawFigures} for what is averaged.
   *
   * @param variant the estimator and its window
   * @param figures one for each sequence
   */
  record Row(AuditVariant variant, List<VariantFigures> figures) {

    /** The row in JSON: means over the sequences, two of them with their intervals. */
    @JsonValue
    Map<String, Object> json() {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("window", variant.window());
      fields.put("estimator", variant.estimator());
      fields.put("gradient_norm_ratio_mean", ratio().value());
      if (ratio().interval() != null) {
        fields.put("gradient_norm_ratio_interval", ratio().interval());
      }
      fields.put("gradient_norm_ratio_variance", draws(DrawFigures::ratioVariance));
      fields.put("mean_gradient_ratio", draws(DrawFigures::meanGradientRatio));
      bias().into(fields, "relative_bias");
      fields.put("bias_norm", draws(DrawFigures::bias));
      fields.put("variance", draws(DrawFigures::variance));
      fields.put("segments_back_propagated", draws(DrawFigures::backPropagated));
      fields.put("gflops", gflops());
      fields.put("variance_times_gflops", varianceTimesGflops());
      fields.put("seconds", seconds());
      fields.put("memory_bytes", draws(DrawFigures::memory));
      return fields;
    }

    /** The gradient-norm ratio. */
    private TokenMean ratio() {
      return mean(f -> f.draws().ratioMean());
    }

    /** The relative bias along the exact gradient: {@code <E g, exact> / |exact|^2 - 1}. */
    private TokenMean bias() {
      return mean(f -> f.draws().along() - 1);
    }

    /** Operations of a draw, in 10^9. */
    private double gflops() {
      return draws(f -> f.flops() / 1e9);
    }

    /** Variance times operations in 10^9, taken for each sequence by itself. */
    private double varianceTimesGflops() {
      return draws(f -> f.variance() * f.flops() / 1e9);
    }

    /** Time of a gradient, every segment encoded again. */
    private double seconds() {
      return mean(VariantFigures::seconds).value();
    }

    private double draws(ToDoubleFunction<DrawFigures> figure) {
      return mean(f -> figure.applyAsDouble(f.draws())).value();
    }

    private TokenMean mean(ToDoubleFunction<VariantFigures> figure) {
      return TokenMean.ofCases(figures.stream().mapToDouble(figure).toArray());
    }
  }

  /** The table for people, with its line ends. */
  public String text() {
    TextTable table = new TextTable();
    table.line(
        "%6s %-14s %21s %9s %9s %27s %9s %9s %8s %7s %9s %8s %8s",
        "window",
        "estimator",
        "norm ratio [95%]",
        "variance",
        "of mean",
        "bias along exact % [95%]",
        "bias norm",
        "variance",
        "segments",
        "GFLOP",
        "var*GFLOP",
        "seconds",
        "MiB");
    for (Row row : rows) {
      table.line(
          "%6d %-14s %21s %9.4f %9.4f %27s %9.4f %9.4f %8.2f %7.2f %9.2f %8.3f %8.1f",
          row.variant().window(),
          row.variant().estimator(),
          row.ratio().text(3),
          row.draws(DrawFigures::ratioVariance),
          row.draws(DrawFigures::meanGradientRatio),
          Interval.percent(row.bias().value(), row.bias().interval()),
          row.draws(DrawFigures::bias),
          row.draws(DrawFigures::variance),
          row.draws(DrawFigures::backPropagated),
          row.gflops(),
          row.varianceTimesGflops(),
          row.seconds(),
          row.draws(DrawFigures::memory) / MIB);
    }
    table.line(
        "%d sequences, %d draws each; exact: %.2f GFLOP, %.3f s, %.1f MiB; checked to %.1e",
        sequences, repeats, exactGflops, exactSeconds, exactMemory / MIB, largestDeviation);
    return table.toString();
  }
}
