package org.uiospark.model.reading;

import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
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

  SplittableRandom random() {
    return new SplittableRandom(seed);
  }

  /** The token chosen from {@code logits}. */
  int choose(float[] logits, SplittableRandom random) {
    if (temperature == 0) {
      int best = 0;
      for (int i = 1; i < logits.length; i++) {
        if (logits[i] > logits[best]) {
          best = i;
        }
      }
      return best;
    }
    double max = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      max = Math.max(max, logit);
    }
    double[] weights = new double[logits.length];
    double total = 0;
    for (int i = 0; i < logits.length; i++) {
      weights[i] = Math.exp((logits[i] - max) / temperature);
      total += weights[i];
    }
    int[] nucleus = IntStream.range(0, logits.length).toArray();
    if (topP < 1) {
      nucleus =
          Arrays.stream(nucleus)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> -weights[i]))
              .mapToInt(Integer::intValue)
              .toArray();
      double kept = 0;
      int size = 0;
      while (size < nucleus.length && kept < topP * total) {
        kept += weights[nucleus[size++]];
      }
      nucleus = Arrays.copyOf(nucleus, size);
      total = kept;
    }
    double point = random.nextDouble() * total;
    for (int token : nucleus) {
      point -= weights[token];
      if (point < 0) {
        return token;
      }
    }
    return nucleus[nucleus.length - 1];
  }
}
