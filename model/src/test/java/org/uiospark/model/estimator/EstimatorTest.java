package org.uiospark.model.estimator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.input.InvalidInputException;

class EstimatorTest {
  private static final int SEGMENTS = 12;
  private static final int DRAWS = 20_000;

  @Test
  void exactWeighsEveryPairOne() {
    PairWeights weights = draw(new Estimator.Exact(), 0);

    for (int t = 0; t < SEGMENTS; t++) {
      for (int s = 0; s < t; s++) {
        assertThat(weights.weight(t, s)).isOne();
      }
    }
    assertThat(weights.dependOnMemoryAlone()).isTrue();
    assertThat(weights.segments()).isEqualTo(SEGMENTS);
  }

  @Test
  void truncatedKeepsPairsWithinItsWindow() {
    PairWeights weights = draw(new Estimator.Truncated(3), 0);

    for (int t = 0; t < SEGMENTS; t++) {
      for (int s = 0; s < t; s++) {
        assertThat(weights.weight(t, s)).isEqualTo(t - s <= 3 ? 1 : 0);
      }
    }
    assertThat(weights.dependOnMemoryAlone()).isFalse();
  }

  /**
   * Of n = 20,000 draws the share in which s is held at step t is S/t within 5 standard deviations,
   * {@code 5 sqrt(p (1 - p) / n)}, at most 0.018.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void everySegmentIsInTheReservoirWithTheSameProbability(int window) {
    int[][] held = new int[SEGMENTS][SEGMENTS];
    for (int n = 0; n < DRAWS; n++) {
      PairWeights weights = draw(new Estimator.Unbiased(window), n);
      for (int t = 0; t < SEGMENTS; t++) {
        for (int s = 0; s < t; s++) {
          held[t][s] += weights.weight(t, s) > 0 ? 1 : 0;
        }
      }
    }
    for (int t = 1; t < SEGMENTS; t++) {
      double probability = Math.min(1, (double) window / t);
      double bound = 5 * Math.sqrt(probability * (1 - probability) / DRAWS);
      for (int s = 0; s < t; s++) {
        assertThat(held[t][s] / (double) DRAWS).isCloseTo(probability, within(bound));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 20})
  void theReservoirHoldsItsSizeWeighsByAgeAndTakesNothingBack(int window) {
    for (int n = 0; n < 200; n++) {
      PairWeights weights = draw(new Estimator.Unbiased(window), n);
      Set<Integer> left = new HashSet<>();
      for (int t = 1; t < SEGMENTS; t++) {
        int members = 0;
        for (int s = 0; s < t; s++) {
          double weight = weights.weight(t, s);
          if (weight == 0) {
            left.add(s);
          } else {
            members++;
            assertThat(weight).isEqualTo(Math.max(1, (double) t / window));
            assertThat(left).doesNotContain(s);
          }
        }
        assertThat(members).isEqualTo(Math.min(t, window));
      }
    }
  }

  @Test
  void sampledDrawsThatManySegmentsOnceForAllLaterOnes() {
    for (int n = 0; n < 200; n++) {
      PairWeights weights = draw(new Estimator.Sampled(4), n);
      int drawn = 0;
      for (int s = 0; s < SEGMENTS - 1; s++) {
        double weight = weights.weight(s + 1, s);
        assertThat(weight).isIn(0.0, (SEGMENTS - 1) / 4.0);
        assertThat(weights.differentiates(s)).isEqualTo(weight > 0);
        drawn += weight > 0 ? 1 : 0;
      }
      assertThat(drawn).isEqualTo(4);
      assertThat(weights.differentiated()).isEqualTo(4);
      assertThat(weights.dependOnMemoryAlone()).isTrue();
    }
  }

  /**
   * A weight is {@code 1 / p} with probability p, else 0: variance {@code 1 / p - 1}. The mean of n
   * = 20,000 draws is within 5 standard deviations, {@code 5 sqrt((1 / p - 1) / n)}, of 1.
   */
  @ParameterizedTest
  @CsvSource({"unbiased, 1", "unbiased, 4", "sampled, 1", "sampled, 4", "sampled, 11"})
  void theMeanWeightOfEveryPairIsOne(String name, int size) {
    Estimator estimator = Estimator.named(name, size, size);
    double[][] sums = new double[SEGMENTS][SEGMENTS];
    for (int n = 0; n < DRAWS; n++) {
      PairWeights weights = draw(estimator, n);
      for (int t = 0; t < SEGMENTS; t++) {
        for (int s = 0; s < t; s++) {
          sums[t][s] += weights.weight(t, s);
        }
      }
    }
    for (int t = 1; t < SEGMENTS; t++) {
      double held = Math.min(1, (double) size / (name.equals("sampled") ? SEGMENTS - 1 : t));
      double bound = 5 * Math.sqrt((1 / held - 1) / DRAWS) + 1e-9;
      for (int s = 0; s < t; s++) {
        assertThat(sums[t][s] / DRAWS).isCloseTo(1, within(bound));
      }
    }
  }

  /**
   * What segment s is worth falls with the number of segments that read it, N - s. The weighted sum
   * of K of N such values, drawn at random, has the variance {@code N^2 / K (1 - K / N) S^2}, where
   * {@code S^2} = N (N + 1) / 12 is that of the values 1 to N (with N - 1 below the squares).
   */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 7})
  void sampledSegmentsAreSpreadSoThatATrendAddsLittleVariance(int samples) {
    int values = SEGMENTS - 1;
    double squares = 0;
    double exact = values * (values + 1) / 2.0;
    for (int n = 0; n < DRAWS; n++) {
      PairWeights weights = draw(new Estimator.Sampled(samples), n);
      double sum = 0;
      for (int s = 0; s < values; s++) {
        sum += weights.weight(s + 1, s) * (values - s);
      }
      squares += (sum - exact) * (sum - exact);
    }
    double atRandom =
        Math.pow(values, 2)
            / samples
            * (1 - (double) samples / values)
            * values
            * (values + 1)
            / 12;
    assertThat(squares / DRAWS).isLessThan(atRandom / 2);
  }

  @Test
  void shortSequencesHaveNoPairs() {
    for (String name : new String[] {"exact", "tbptt", "unbiased", "sampled"}) {
      Estimator estimator = Estimator.named(name, 2, 2);
      assertThat(estimator.draw(1, new SplittableRandom(0)).segments()).isOne();
      assertThat(estimator.draw(2, new SplittableRandom(0)).weight(1, 0)).isOne();
    }
  }

  @Test
  void everyPartOfTheKeyCounts() {
    long drawn = KeyedRandom.of(1, 2, 3).nextLong();

    assertThat(KeyedRandom.of(1, 2, 3).nextLong()).isEqualTo(drawn);
    assertThat(KeyedRandom.of(2, 2, 3).nextLong()).isNotEqualTo(drawn);
    assertThat(KeyedRandom.of(1, 3, 3).nextLong()).isNotEqualTo(drawn);
    assertThat(KeyedRandom.of(1, 3, 2).nextLong()).isNotEqualTo(drawn);
  }

  @Test
  void sizesBelowOneAndUnknownNamesAreRefused() {
    assertThatThrownBy(() -> Estimator.named("tbptt", 0, 1))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("window 0 is out of range: at least 1");
    assertThatThrownBy(() -> Estimator.named("unbiased", -1, 1))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("window -1");
    assertThatThrownBy(() -> Estimator.named("sampled", 1, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("samples 0");
    assertThatThrownBy(() -> Estimator.named("bptt", 1, 1))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("'bptt'");
  }

  private static PairWeights draw(Estimator estimator, int n) {
    return estimator.draw(SEGMENTS, KeyedRandom.of(42, n, 0));
  }
}
