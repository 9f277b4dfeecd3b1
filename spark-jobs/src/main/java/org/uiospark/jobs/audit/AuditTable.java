package org.uiospark.jobs.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
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
   * @param window S
   * @param estimator its name
   * @param ratio mean gradient-norm ratio
   * @param ratioInterval its interval
   * @param ratioVariance variance of the ratio over draws
   * @param meanGradientRatio norm ratio of the mean of the draws
   * @param relativeBias along the exact gradient: {@code <E g, exact> / |exact|^2 - 1}
   * @param relativeBiasInterval its interval
   * @param biasNorm norm of the bias in all directions
   * @param variance relative variance of the gradient
   * @param segments segments back-propagated
   * @param gflops operations of a draw, in 10^9
   * @param varianceTimesCost variance times gflops, by sequence
   * @param seconds of a gradient, every segment encoded again
   * @param memory bytes that a draw takes on the device, all graphs kept, by MemoryCount
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Row(
      int window,
      String estimator,
      @JsonProperty("gradient_norm_ratio_mean") double ratio,
      @JsonProperty("gradient_norm_ratio_interval") Interval ratioInterval,
      @JsonProperty("gradient_norm_ratio_variance") double ratioVariance,
      @JsonProperty("mean_gradient_ratio") double meanGradientRatio,
      @JsonProperty("relative_bias") double relativeBias,
      @JsonProperty("relative_bias_interval") Interval relativeBiasInterval,
      @JsonProperty("bias_norm") double biasNorm,
      double variance,
      @JsonProperty("segments_back_propagated") double segments,
      double gflops,
      @JsonProperty("variance_times_gflops") double varianceTimesCost,
      double seconds,
      @JsonProperty("memory_bytes") double memory) {

    static Row of(AuditVariant variant, List<VariantFigures> figures) {
      TokenMean ratio = draws(figures, DrawFigures::ratioMean);
      TokenMean bias = draws(figures, f -> f.along() - 1);
      return new Row(
          variant.window(),
          variant.estimator(),
          ratio.value(),
          ratio.interval(),
          draws(figures, DrawFigures::ratioVariance).value(),
          draws(figures, DrawFigures::meanGradientRatio).value(),
          bias.value(),
          bias.interval(),
          draws(figures, DrawFigures::bias).value(),
          draws(figures, DrawFigures::variance).value(),
          draws(figures, DrawFigures::backPropagated).value(),
          draws(figures, f -> f.flops() / 1e9).value(),
          draws(figures, f -> f.variance() * f.flops() / 1e9).value(),
          mean(figures, VariantFigures::seconds).value(),
          draws(figures, DrawFigures::memory).value());
    }

    private static TokenMean draws(
        List<VariantFigures> figures, ToDoubleFunction<DrawFigures> figure) {
      return mean(figures, f -> figure.applyAsDouble(f.draws()));
    }

    private static TokenMean mean(
        List<VariantFigures> figures, ToDoubleFunction<VariantFigures> figure) {
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
          row.window(),
          row.estimator(),
          Interval.text(row.ratio(), row.ratioInterval(), 3),
          row.ratioVariance(),
          row.meanGradientRatio(),
          Interval.percent(row.relativeBias(), row.relativeBiasInterval()),
          row.biasNorm(),
          row.variance(),
          row.segments(),
          row.gflops(),
          row.varianceTimesCost(),
          row.seconds(),
          row.memory() / MIB);
    }
    table.line(
        "%d sequences, %d draws each; exact: %.2f GFLOP, %.3f s, %.1f MiB; checked to %.1e",
        sequences, repeats, exactGflops, exactSeconds, exactMemory / MIB, largestDeviation);
    return table.toString();
  }
}
