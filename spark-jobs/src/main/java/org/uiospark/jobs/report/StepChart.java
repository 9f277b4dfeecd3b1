package org.uiospark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.awt.Color;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Lines over training steps.
 *
 * @param unit title of the vertical axis
 * @param lines at least one, none of them empty
 * @param noise what the first line smooths, drawn faintly behind it; may be empty
 */
record StepChart(String unit, List<Line> lines, List<Line> noise) implements Drawing {
  /** Fewer points are marked, so that they are seen. */
  private static final int MARKED = 30;

  /** A line alone. */
  static StepChart of(String unit, Line line) {
    return new StepChart(unit, List.of(line), List.of());
  }

  @Override
  public JsonNode values() {
    ObjectNode chart = JsonNodeFactory.instance.objectNode().put("x", "step").put("y", unit);
    ArrayNode drawn = chart.putArray("lines");
    noise.forEach(line -> drawn.add(values(line, 0).put("faint", true)));
    for (int i = 0; i < lines.size(); i++) {
      drawn.add(values(lines.get(i), i));
    }
    return chart;
  }

  private static ObjectNode values(Line line, int colour) {
    return line.thinned(Line.POINTS).values().put("colour", colour);
  }

  @Override
  public XYChart draw(Theme theme) {
    XYChart chart =
        new XYChartBuilder()
            .width(Picture.WIDTH)
            .height(Picture.HEIGHT)
            .xAxisTitle("step")
            .yAxisTitle(unit)
            .build();
    theme.style(chart.getStyler(), lines.size() + noise.size() > 1);
    chart.getStyler().setXAxisDecimalPattern("#,##0.##");
    double scale = scale();
    if (scale > 1) {
      chart.setCustomYAxisTickLabelsFormatter(value -> Figure.text(value / scale));
    }
    noise.forEach(line -> add(chart, line.times(scale), theme.faint(0)));
    for (int i = 0; i < lines.size(); i++) {
      add(chart, lines.get(i).times(scale), theme.line(i));
    }
    return chart;
  }

  /**
   * A power of ten that is drawn for 1. XChart takes values closer than 1e-4 for evenly spaced
   * ones, and marks each, so small values, as learning rates are, are drawn as some hundreds.
   */
  private double scale() {
    double highest =
        Stream.concat(lines.stream(), noise.stream())
            .flatMapToDouble(line -> Arrays.stream(line.y()).map(Math::abs))
            .max()
            .orElse(0);
    return highest == 0 || highest > 0.1 ? 1 : Math.pow(10, 3 - Math.ceil(Math.log10(highest)));
  }

  private static void add(XYChart chart, Line line, Color color) {
    Line drawn = line.thinned(Line.POINTS);
    double[] x = drawn.x().clone();
    // XChart marks the very values of an axis where they are evenly spaced, be they odd and
    // crowded; a thousandth of a step keeps it to round ones.
    x[0] += 1e-3;
    XYSeries series = chart.addSeries(drawn.name(), x, drawn.y());
    series.setLineColor(color);
    series.setMarkerColor(color);
    series.setLineStyle(SeriesLines.SOLID);
    series.setMarker(drawn.x().length > MARKED ? SeriesMarkers.NONE : SeriesMarkers.CIRCLE);
  }
}
