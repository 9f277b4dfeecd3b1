package org.uiospark.jobs.report;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.internal.chartpart.Chart;

/**
 * A chart on the page, drawn once for light pages and once for dark ones; the browser picks. Both
 * are SVG, with text as outlines, so that they look the same without any font. Its values stand
 * beside them, for the script of the page, which draws it anew in their place.
 */
final class Picture {
  static final int WIDTH = 720;
  static final int HEIGHT = 400;

  static {
    // Before AWT loads: servers have no display, and some say that they have one.
    System.setProperty("java.awt.headless", "true");
  }

  private Picture() {}

  /**
   * The figure as HTML.
   *
   * @param caption plain text above it
   * @param chart what it shows
   */
  static String html(String caption, Drawing chart) {
    return String.format(
        Locale.ROOT,
        """
        <figure>
        <figcaption>%1$s</figcaption>
        <div data-chart="%6$s">
        <picture>
        <source media="(prefers-color-scheme: dark)" srcset="%2$s">
        <img src="%3$s" alt="Chart: %1$s" width="%4$d" height="%5$d">
        </picture>
        </div>
        </figure>
        """,
        Html.escape(caption),
        uri(chart.draw(Theme.DARK)),
        uri(chart.draw(Theme.LIGHT)),
        WIDTH,
        HEIGHT,
        Html.escape(chart.values().toString()));
  }

  private static String uri(Chart<?, ?> chart) {
    ByteArrayOutputStream svg = new ByteArrayOutputStream();
    try {
      VectorGraphicsEncoder.saveVectorGraphic(chart, svg, VectorGraphicsFormat.SVG);
    } catch (IOException e) {
      throw new UncheckedIOException("a chart cannot be drawn", e);
    }
    // A tenth of a pixel is enough, and half the size.
    String rounded = svg.toString(StandardCharsets.UTF_8).replaceAll("(\\d\\.\\d)\\d+", "$1");
    return "data:image/svg+xml;base64,"
        + Base64.getEncoder().encodeToString(rounded.getBytes(StandardCharsets.UTF_8));
  }
}
