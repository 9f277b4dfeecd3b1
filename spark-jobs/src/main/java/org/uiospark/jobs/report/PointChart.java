package org.uiospark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Lines over few points, one beside the other at even distances, as lengths that double.
 *
 * @param xTitle of the horizontal axis
 * @param yTitle of the vertical axis
 * @param points their names
 * @param lines at least one
 */
record PointChart(String xTitle, String yTitle, List<String> points, List<Values> lines)
    implements Drawing {
  private static final Marker[] MARKERS = {
    SeriesMarkers.CIRCLE, SeriesMarkers.SQUARE, SeriesMarkers.TRIANGLE_UP, SeriesMarkers.DIAMOND
  };

  /**
   * A value for each point.
   *
   * @param name in the legend
   * @param values as many as there are points
   * @param low lower end of an interval about each; the value itself where there is none
   * @param high upper end
   */
  record Values(String name, List<Double> values, List<Double> low, List<Double> high) {
    /** Half the width of each interval. */
    private List<Double> errors() {
      return IntStream.range(0, values.size())
          .mapToObj(i -> (high.get(i) - low.get(i)) / 2)
          .toList();
    }
  }

  @Override
  public JsonNode values() {
    ObjectNode chart = JsonNodeFactory.instance.objectNode().put("x", xTitle).put("y", yTitle);
    points.forEach(chart.putArray("points")::add);
    ArrayNode drawn = chart.putArray("lines");
    for (Values line : lines) {
      ObjectNode one = drawn.addObject().put("name", line.name()).put("colour", drawn.size() - 1);
      line.values().forEach(value -> one.withArray("y").add(Figure.rounded(value)));
      line.low().forEach(value -> one.withArray("low").add(Figure.rounded(value)));
      line.high().forEach(value -> one.withArray("high").add(Figure.rounded(value)));
    }
    return chart;
  }

  @Override
  public CategoryChart draw(Theme theme) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(Picture.WIDTH)
            .height(Picture.HEIGHT)
            .xAxisTitle(xTitle)
            .yAxisTitle(yTitle)
            .build();
    theme.style(chart.getStyler(), lines.size() > 1);
    chart.getStyler().setDefaultSeriesRenderStyle(CategorySeriesRenderStyle.Line);
    // Lines meet above the name of their point, and not beside each other as bars would.
    chart.getStyler().setOverlapped(true);
    // XChart starts the axis at 0, which would press the lines together.
    chart.getStyler().setYAxisMin(end(-1));
    chart.getStyler().setYAxisMax(end(1));
    for (int i = 0; i < lines.size(); i++) {
      Values line = lines.get(i);
      CategorySeries series = chart.addSeries(line.name(), points, line.values(), line.errors());
      series.setLineColor(theme.line(i));
      series.setMarkerColor(theme.line(i));
      series.setLineStyle(SeriesLines.SOLID);
      series.setMarker(MARKERS[i % MARKERS.length]);
    }
    return chart;
  }

  /** The lowest or highest end of all error bars, and a little more. */
  private double end(int sign) {
    double low = Double.MAX_VALUE;
    double high = -Double.MAX_VALUE;
    for (Values line : lines) {
      for (int i = 0; i < line.values().size(); i++) {
        low = Math.min(low, line.values().get(i) - line.errors().get(i));
        high = Math.max(high, line.values().get(i) + line.errors().get(i));
      }
    }
    double margin = high > low ? 0.05 * (high - low) : Math.max(1e-3, 0.05 * Math.abs(high));
    return sign < 0 ? low - margin : high + margin;
  }
}
