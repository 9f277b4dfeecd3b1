package org.uiospark.model.reading;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.uiospark.model.input.InvalidInputException;

/**
 * How the next token is chosen from its logits.
 *
 * @param temperature 0 takes the likeliest token; above 0 divides the logits
 * @param topP nucleus: the likeliest tokens whose probabilities reach this sum, in (0, 1]
 * @param seed of the draws
 */
public record Sampling(double temperature, double topP, long seed) {
  /** The likeliest token, always. */
  public static final Sampling GREEDY = new Sampling(0, 1, 0);

  /** Checks the ranges. */
  public Sampling {
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new InvalidInputException(
          "temperature " + temperature + " is out of range: 0 or above");
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new InvalidInputException("top-p " + topP + " is out of range: above 0, at most 1");
    }
  }

  /** The draws, from their start. */
  SplittableRandom random() {
    return new SplittableRandom(seed);
  }

  /** The token chosen from logits {@code [V]}. */
  int choose(float[] logits, SplittableRandom random) {
    if (temperature == 0) {
      return likeliest(logits);
    }
    double[] weights = weights(logits);
    return topP < 1 ? fromNucleus(weights, random) : fromAll(weights, random);
  }

  /** Of equals, the first. */
  private static int likeliest(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }

  /** Probabilities at the temperature, times a constant that makes the largest 1. */
  private double[] weights(float[] logits) {
    double max = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      max = Math.max(max, logit);
    }
    double[] weights = new double[logits.length];
    for (int i = 0; i < logits.length; i++) {
      weights[i] = Math.exp((logits[i] - max) / temperature);
    }
    return weights;
  }

  private static int fromAll(double[] weights, SplittableRandom random) {
    double point = random.nextDouble() * sum(weights);
    int token = 0;
    point -= weights[token];
    while (point >= 0 && token < weights.length - 1) {
      point -= weights[++token];
    }
    return token;
  }

  /** The likeliest stand first; of equals, those of the smaller number. */
  private int fromNucleus(double[] weights, SplittableRandom random) {
    double[] ascending = weights.clone();
    Arrays.sort(ascending);
    double enough = topP * sum(weights);
    double kept = 0;
    int least = ascending.length;
    while (least > 0 && kept < enough) {
      kept += ascending[--least];
    }
    double point = random.nextDouble() * kept;
    int drawn = ascending.length - 1;
    point -= ascending[drawn];
    while (point >= 0 && drawn > least) {
      point -= ascending[--drawn];
    }
    int equalsBefore = 0;
    while (drawn + equalsBefore + 1 < ascending.length
        && ascending[drawn + equalsBefore + 1] == ascending[drawn]) {
      equalsBefore++;
    }
    return token(weights, ascending[drawn], equalsBefore);
  }

  /** The token of a weight that has so many of the same weight before it. */
  private static int token(double[] weights, double weight, int equalsBefore) {
    int token = -1;
    for (int seen = 0; seen <= equalsBefore; seen++) {
      do {
        token++;
      } while (weights[token] != weight);
    }
    return token;
  }

  private static double sum(double[] weights) {
    double sum = 0;
    for (double weight : weights) {
      sum += weight;
    }
    return sum;
  }
}
