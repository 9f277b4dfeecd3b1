package org.uiospark.jobs.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.Locale;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.lines.SeriesLines;

/** Colours of the page, and of a chart, whose ground is left transparent. */
enum Theme {
  LIGHT(0xFFFFFF, 0x59636E, 0x1F2328, 0xD1D9E0, 0x0969DA, 0xBC4C00, 0x1A7F37, 0x8250DF),
  DARK(0x0D1117, 0x9198A1, 0xE6EDF3, 0x3D444D, 0x58A6FF, 0xFFA657, 0x56D364, 0xD2A8FF);

  private static final Color TRANSPARENT = new Color(0, true);
  private static final Font TICKS = new Font(Font.SANS_SERIF, Font.PLAIN, 14);
  private static final Font TITLES = new Font(Font.SANS_SERIF, Font.PLAIN, 15);

  private final Color ground;
  private final Color quiet;
  private final Color text;
  private final Color grid;
  private final Color[] lines;

  Theme(int ground, int quiet, int text, int grid, int... lines) {
    this.ground = new Color(ground);
    this.quiet = new Color(quiet);
    this.text = new Color(text);
    this.grid = new Color(grid);
    this.lines = new Color[lines.length];
    for (int i = 0; i < lines.length; i++) {
      this.lines[i] = new Color(lines[i]);
    }
  }

  /** Of the line with that place in the legend. */
  Color line(int place) {
    return lines[place % lines.length];
  }

  /** Of the noise behind a line: its colour let through. */
  Color faint(int place) {
    Color line = line(place);
    return new Color(line.getRed(), line.getGreen(), line.getBlue(), 90);
  }

  /** The colours as variables of the page's styles, for light and for dark ones. */
  static String css() {
    return String.format(
        Locale.ROOT,
        ":root { %s}\n@media (prefers-color-scheme: dark) {\n  :root { %s}\n}\n",
        LIGHT.variables(),
        DARK.variables());
  }

  private String variables() {
    StringBuilder variables = new StringBuilder();
    variables.append(variable("ground", ground)).append(variable("quiet", quiet));
    variables.append(variable("text", text)).append(variable("line", grid));
    for (int i = 0; i < lines.length; i++) {
      variables.append(variable("line-" + i, lines[i]));
    }
    return variables.toString();
  }

  private static String variable(String name, Color colour) {
    return String.format(Locale.ROOT, "--%s: #%06x; ", name, colour.getRGB() & 0xFFFFFF);
  }

  /** Everything but the lines. */
  void style(AxesChartStyler styler, boolean legend) {
    // As the tables of the page have them.
    styler.setLocale(Locale.ROOT);
    styler.setChartTitleVisible(false);
    styler.setChartBackgroundColor(TRANSPARENT);
    styler.setPlotBackgroundColor(TRANSPARENT);
    styler.setPlotBorderVisible(false);
    styler.setPlotGridVerticalLinesVisible(false);
    styler.setPlotGridLinesColor(grid);
    styler.setPlotGridLinesStroke(new BasicStroke(1));
    styler.setChartFontColor(text);
    styler.setAxisTickLabelsColor(text);
    styler.setAxisTickMarksColor(grid);
    styler.setAxisTickLabelsFont(TICKS);
    styler.setAxisTitleFont(TITLES);
    styler.setXAxisTitleColor(text);
    styler.setYAxisTitleColor(text);
    styler.setErrorBarsColorSeriesColor(true);
    styler.setLegendVisible(legend);
    styler.setLegendFont(TICKS);
    styler.setLegendBackgroundColor(TRANSPARENT);
    styler.setLegendBorderColor(TRANSPARENT);
    styler.setLegendPosition(LegendPosition.OutsideS);
    styler.setLegendLayout(LegendLayout.Horizontal);
    styler.setSeriesLines(new BasicStroke[] {SeriesLines.SOLID});
    styler.setMarkerSize(8);
  }
}
