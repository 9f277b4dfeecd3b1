package org.uiospark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Pictures of {@code perplexity.json}. */
final class PerplexityCharts {
  private static final Map<String, String> WAYS = new LinkedHashMap<>();

  static {
    WAYS.put("with_memory", "with memory");
    WAYS.put("without_memory", "without memory");
    WAYS.put("native_window", "native window");
    WAYS.put("truncated", "truncated to the window");
  }

  private PerplexityCharts() {}

  static List<String> html(JsonNode result) {
    List<String> figures = new ArrayList<>();
    JsonNode rows = result.path("rows");
    List<PointChart.Values> lines = new ArrayList<>();
    WAYS.forEach(
        (field, name) -> {
          if (has(rows, field)) {
            lines.add(values(rows, name, field, field + "_interval"));
          }
        });
    if (!lines.isEmpty()) {
      figures.add(
          Picture.html(
              "Perplexity by context length",
              new PointChart(
                  "context, tokens", "perplexity", points(rows, "context_tokens"), lines)));
    }
    JsonNode curve = result.path("curve");
    if (has(curve, "perplexity")) {
      figures.add(
          Picture.html(
              "Perplexity of the same tokens by memory behind them",
              new PointChart(
                  "segments of memory",
                  "perplexity",
                  points(curve, "memories"),
                  List.of(values(curve, "perplexity", "perplexity", "interval")))));
    }
    return figures;
  }

  private static boolean has(JsonNode rows, String field) {
    return ResultTable.fits(rows) && rows.findValues(field).size() == rows.size();
  }

  private static List<String> points(JsonNode rows, String field) {
    List<String> points = new ArrayList<>();
    rows.forEach(row -> points.add(Figure.text(row.path(field))));
    return points;
  }

  private static PointChart.Values values(
      JsonNode rows, String name, String field, String interval) {
    List<Double> values = new ArrayList<>();
    List<Double> low = new ArrayList<>();
    List<Double> high = new ArrayList<>();
    for (JsonNode row : rows) {
      double value = row.get(field).asDouble();
      values.add(value);
      low.add(row.path(interval).path("low").asDouble(value));
      high.add(row.path(interval).path("high").asDouble(value));
    }
    return new PointChart.Values(name, values, low, high);
  }
}
