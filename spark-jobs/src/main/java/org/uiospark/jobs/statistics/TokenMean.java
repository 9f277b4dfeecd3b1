package org.uiospark.jobs.statistics;

import java.util.Arrays;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * A mean over tokens that come in sequences, with its 95% interval.
 *
 * <p>Tokens of a sequence are alike, so the sequence is what is drawn: the mean is a ratio of sums
 * over sequences, its variance that of the residuals {@code sum - mean * tokens} (delta method),
 * and the interval Student's with a degree of freedom less than there are sequences.
 *
 * @param value the mean
 * @param interval its interval; null for fewer than two sequences
 * @param sequences with at least one token
 * @param tokens of all of them
 */
public record TokenMean(double value, Interval interval, int sequences, long tokens) {

  /**
   * The mean of a token.
   *
   * @param sums sum over the tokens of each sequence
   * @param tokens how many those are; a sequence without tokens does not count
   */
  public static TokenMean of(double[] sums, long[] tokens) {
    double total = 0;
    long count = 0;
    int sequences = 0;
    for (int i = 0; i < sums.length; i++) {
      total += sums[i];
      count += tokens[i];
      sequences += tokens[i] > 0 ? 1 : 0;
    }
    double mean = total / count;
    double squares = 0;
    for (int i = 0; i < sums.length; i++) {
      double residual = sums[i] - mean * tokens[i];
      squares += residual * residual;
    }
    if (sequences < 2) {
      return new TokenMean(mean, null, sequences, count);
    }
    double error = Math.sqrt(squares * sequences / (sequences - 1)) / count;
    double half =
        error * new TDistribution(sequences - 1).inverseCumulativeProbability(Interval.UPPER);
    return new TokenMean(mean, new Interval(mean - half, mean + half), sequences, count);
  }

  /** The mean of cases that count alike. */
  public static TokenMean ofCases(double[] values) {
    long[] ones = new long[values.length];
    Arrays.fill(ones, 1);
    return of(values, ones);
  }

  /** The figure that an increasing function makes of the mean, such as perplexity of a loss. */
  public TokenMean map(DoubleUnaryOperator increasing) {
    return new TokenMean(
        increasing.applyAsDouble(value),
        interval == null ? null : interval.map(increasing),
        sequences,
        tokens);
  }

  /** Adds the fields {@code name} and, where there is an interval, {@code name_interval}. */
  public void into(Map<String, Object> fields, String name) {
    fields.put(name, value);
    if (interval != null) {
      fields.put(name + "_interval", interval);
    }
  }

  /** Value and interval, such as {@code 31.77 [31.02, 32.54]}. */
  public String text(int decimals) {
    return Interval.text(value, interval, decimals);
  }
}
