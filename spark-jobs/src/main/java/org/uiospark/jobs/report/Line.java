package org.uiospark.jobs.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;

/**
 * Points of a chart that are joined.
 *
 * @param name in the legend
 * @param x ascending
 * @param y as many
 */
record Line(String name, double[] x, double[] y) {
  /** More points than that are not told apart on a screen. */
  static final int POINTS = 500;

  /** At most so many points, each the mean of the same number of neighbours. */
  Line thinned(int points) {
    int group = (x.length + points - 1) / points;
    return group <= 1 ? this : new Line(name, means(x, group), means(y, group));
  }

  /** Its name and points for the script of the page; steps are whole, values have six digits. */
  ObjectNode values() {
    ObjectNode line = JsonNodeFactory.instance.objectNode().put("name", name);
    Arrays.stream(x).mapToLong(Math::round).forEach(line.putArray("x")::add);
    Arrays.stream(y).map(Figure::rounded).forEach(line.putArray("y")::add);
    return line;
  }

  /** In other units, {@code factor} of them to one of these. */
  Line times(double factor) {
    return new Line(name, x, Arrays.stream(y).map(value -> factor * value).toArray());
  }

  /** Each point the mean of the last {@code count} up to it, of all where there are fewer. */
  Line smoothed(String newName, int count) {
    double[] means = new double[y.length];
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      sum += i < count ? y[i] : y[i] - y[i - count];
      means[i] = sum / Math.min(i + 1, count);
    }
    return new Line(newName, x, means);
  }

  private static double[] means(double[] values, int group) {
    double[] means = new double[(values.length + group - 1) / group];
    for (int i = 0; i < means.length; i++) {
      int to = Math.min(values.length, (i + 1) * group);
      means[i] = Arrays.stream(values, i * group, to).average().orElseThrow();
    }
    return means;
  }
}
