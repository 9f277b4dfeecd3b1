package org.uiospark.model.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.input.InvalidInputException;

class SamplingTest {
  private static final int DRAWS = 20_000;

  /** Probabilities 0.1, 0.5, 0.15, 0.25. */
  private static final float[] LOGITS = logits(0.1, 0.5, 0.15, 0.25);

  @Test
  void greedyTakesTheLikeliestAndOfEqualsTheFirst() {
    SplittableRandom random = Sampling.GREEDY.random();

    assertThat(Sampling.GREEDY.choose(LOGITS, random)).isEqualTo(1);
    assertThat(Sampling.GREEDY.choose(new float[] {-3, 2, 7, 7}, random)).isEqualTo(2);
  }

  /** Frequencies of 20,000 draws: standard deviation below 0.0036, the bound is 5 of them. */
  @Test
  void drawsFollowTheProbabilities() {
    assertFrequencies(new Sampling(1, 1, 4), 0.1, 0.5, 0.15, 0.25);
  }

  @Test
  void temperatureIsAnExponentOfTheProbabilities() {
    double total = 0.01 + 0.25 + 0.0225 + 0.0625;
    assertFrequencies(
        new Sampling(0.5, 1, 4), 0.01 / total, 0.25 / total, 0.0225 / total, 0.0625 / total);
  }

  @Test
  void topPLeavesOutTheTailAndKeepsTheProportions() {
    assertFrequencies(new Sampling(1, 0.7, 4), 0, 2 / 3., 0, 1 / 3.);
    assertFrequencies(new Sampling(1, 0.8, 4), 0, 0.5 / 0.9, 0.15 / 0.9, 0.25 / 0.9);
    assertFrequencies(new Sampling(1, 1e-9, 4), 0, 1, 0, 0);
  }

  /** Many tokens are equally likely, and many have a probability of zero. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-9, 0.3, 0.9, 0.999999, 1})
  void drawsAreThoseOfTheSortedTokens(double topP) {
    SplittableRandom source = new SplittableRandom(5);
    for (int seed = 0; seed < 200; seed++) {
      float[] logits = new float[1 + source.nextInt(300)];
      for (int i = 0; i < logits.length; i++) {
        logits[i] = source.nextInt(4) == 0 ? -1e9f : source.nextInt(12);
      }
      Sampling sampling = new Sampling(0.7, topP, seed);
      SplittableRandom random = sampling.random();
      SplittableRandom same = sampling.random();
      for (int n = 0; n < 20; n++) {
        assertThat(sampling.choose(logits, random)).isEqualTo(sorted(logits, topP, same));
      }
    }
  }

  /** The definition: the likeliest tokens up to the sum, then a point in what they weigh. */
  private static int sorted(float[] logits, double topP, SplittableRandom random) {
    double max = IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).max().orElseThrow();
    double[] weights = new double[logits.length];
    double enough = 0;
    for (int i = 0; i < logits.length; i++) {
      weights[i] = Math.exp((logits[i] - max) / 0.7);
      enough += weights[i];
    }
    List<Integer> tokens = new ArrayList<>(IntStream.range(0, logits.length).boxed().toList());
    if (topP < 1) {
      tokens.sort(Comparator.comparingDouble(i -> -weights[i]));
      enough *= topP;
    }
    double kept = 0;
    List<Integer> nucleus = new ArrayList<>();
    for (int token : tokens) {
      if (kept < enough || topP == 1) {
        nucleus.add(token);
        kept += weights[token];
      }
    }
    double point = random.nextDouble() * kept;
    for (int token : nucleus) {
      point -= weights[token];
      if (point < 0) {
        return token;
      }
    }
    return nucleus.get(nucleus.size() - 1);
  }

  @Test
  void hugeLogitsDoNotOverflow() {
    Sampling sampling = new Sampling(1, 0.9, 1);

    assertThat(sampling.choose(new float[] {-1e30f, 3e38f, 0}, sampling.random())).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"-1, 1", "NaN, 1", "Infinity, 1", "1, 0", "1, 1.1", "1, NaN"})
  void settingsOutOfRangeAreRefused(double temperature, double topP) {
    assertThatThrownBy(() -> new Sampling(temperature, topP, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("out of range");
  }

  private static void assertFrequencies(Sampling sampling, double... expected) {
    SplittableRandom random = sampling.random();
    int[] counts = new int[expected.length];
    for (int n = 0; n < DRAWS; n++) {
      counts[sampling.choose(LOGITS, random)]++;
    }
    for (int token = 0; token < expected.length; token++) {
      if (expected[token] == 0) {
        assertThat(counts[token]).isZero();
      }
      assertThat(counts[token] / (double) DRAWS).isCloseTo(expected[token], within(0.018));
    }
  }

  private static float[] logits(double... probabilities) {
    float[] logits = new float[probabilities.length];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) Math.log(probabilities[i]) + 5;
    }
    return logits;
  }
}
