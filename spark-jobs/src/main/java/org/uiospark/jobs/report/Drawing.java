package org.uiospark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import org.knowm.xchart.internal.chartpart.Chart;

/** A chart in two forms: a picture, and values for the script of the page. */
interface Drawing {
  /** The picture in the colours of a page. */
  Chart<?, ?> draw(Theme theme);

  /** What {@code charts.js} draws: titles of the axes, and lines with their points. */
  JsonNode values();
}
