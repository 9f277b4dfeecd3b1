package org.uiospark.jobs.statistics;

import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.stat.interval.ConfidenceInterval;
import org.apache.commons.math3.stat.interval.WilsonScoreInterval;

/**
 * A confidence interval of 95%.
 *
 * @param low lower end
 * @param high upper end
 */
public record Interval(double low, double high) {
  /** Probability below the upper end: 2.5% lie on either side. */
  static final double UPPER = 0.975;

  private static final double CONFIDENCE = 0.95;

  /**
   * Wilson's score interval of a proportion, which stays within 0 and 1 and is never a point.
   *
   * @param successes at most as many as there are cases
   * @param cases at least 1
   */
  public static Interval wilson(int successes, int cases) {
    ConfidenceInterval interval =
        new WilsonScoreInterval().createInterval(cases, successes, CONFIDENCE);
    return new Interval(
        Math.max(0, interval.getLowerBound()), Math.min(1, interval.getUpperBound()));
  }

  /** The interval of an increasing function of the figure. */
  Interval map(DoubleUnaryOperator increasing) {
    return new Interval(increasing.applyAsDouble(low), increasing.applyAsDouble(high));
  }

  /** A figure and its interval, such as {@code 31.77 [31.02, 32.54]}. */
  public static String text(double value, Interval interval, int decimals) {
    return String.format(Locale.ROOT, "%." + decimals + "f ", value) + text(interval, decimals);
  }

  /** A share and its interval in percent, with two decimals. */
  public static String percent(double share, Interval interval) {
    Interval percent =
        interval == null ? null : new Interval(100 * interval.low(), 100 * interval.high());
    return text(100 * share, percent, 2);
  }

  /** {@code [low, high]}; {@code [-]} where there is none. */
  public static String text(Interval interval, int decimals) {
    if (interval == null) {
      return "[-]";
    }
    String number = "%." + decimals + "f";
    return String.format(
        Locale.ROOT, "[" + number + ", " + number + "]", interval.low(), interval.high());
  }
}
