package org.uiospark.jobs.report;

import java.awt.Color;
import java.util.List;
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
record StepChart(String unit, List<Line> lines, List<Line> noise) {
  /** Fewer points are marked, so that they are seen. */
  private static final int MARKED = 30;

  /** A line alone. */
  static StepChart of(String unit, Line line) {
    return new StepChart(unit, List.of(line), List.of());
  }

  XYChart draw(Theme theme) {
    XYChart chart =
        new XYChartBuilder()
            .width(Picture.WIDTH)
            .height(Picture.HEIGHT)
            .xAxisTitle("step")
            .yAxisTitle(unit)
            .build();
    theme.style(chart.getStyler(), lines.size() + noise.size() > 1);
    chart.getStyler().setXAxisDecimalPattern("#,##0.##");
    noise.forEach(line -> add(chart, line, theme.faint(0)));
    for (int i = 0; i < lines.size(); i++) {
      add(chart, lines.get(i), theme.line(i));
    }
    return chart;
  }

  private static void add(XYChart chart, Line line, Color color) {
    Line drawn = line.thinned(Line.POINTS);
    double[] x = drawn.x().clone();
    // XChart marks the very values of an axis where they are evenly spaced, be they odd and
    // crowded;
    // a thousandth of a step keeps it to round ones.
    x[0] += 1e-3;
    XYSeries series = chart.addSeries(drawn.name(), x, drawn.y());
    series.setLineColor(color);
    series.setMarkerColor(color);
    series.setLineStyle(SeriesLines.SOLID);
    series.setMarker(drawn.x().length > MARKED ? SeriesMarkers.NONE : SeriesMarkers.CIRCLE);
  }
}
