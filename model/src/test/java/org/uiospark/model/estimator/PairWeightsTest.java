package org.uiospark.model.estimator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights that are computed when asked for, against all of them in a table. */
class PairWeightsTest {
  private static final int[] LENGTHS = {1, 2, 3, 4, 7, 12, 40};
  private static final int[] SIZES = {1, 2, 3, 6, 11, 39, 60};
  private static final int SEEDS = 25;

  @Test
  void everyEstimatorGivesTheWeightsOfItsTable() {
    for (int segments : LENGTHS) {
      for (int size : SIZES) {
        assertTable(new Estimator.Exact(), segments, random -> exact(segments));
        assertTable(new Estimator.Truncated(size), segments, random -> truncated(segments, size));
        assertTable(
            new Estimator.Unbiased(size), segments, random -> unbiased(segments, size, random));
        assertTable(
            new Estimator.Sampled(size), segments, random -> sampled(segments, size, random));
      }
    }
  }

  /** A table of 100,000 segments would take 40 GB. */
  @ParameterizedTest
  @CsvSource({"exact, 100000", "tbptt, 100000", "unbiased, 8", "unbiased, 5000", "sampled, 16"})
  void aHundredThousandSegmentsAreDrawnWithoutATable(String name, int size) {
    int segments = 100_000;
    Estimator estimator = Estimator.named(name, size, size);

    PairWeights weights = estimator.draw(segments, KeyedRandom.of(1, 2, 3));

    boolean unbiased = name.equals("unbiased");
    assertThat(weights.dependOnMemoryAlone()).isEqualTo(!unbiased);
    assertThat(weights.differentiates(segments - 1)).isFalse();
    int last = segments - 1;
    int counting = 0;
    for (int s = 0; s < last; s++) {
      counting += weights.weight(last, s) > 0 ? 1 : 0;
    }
    assertThat(counting).isEqualTo(Math.min(size, last));
    assertThat(weights.differentiated()).isGreaterThanOrEqualTo(counting);
  }

  @Test
  void theInjectedReservoirWeighsWhatItHolds() {
    List<Set<Integer>> reservoir =
        List.of(Set.of(), Set.of(0), Set.of(0, 1), Set.of(0, 2), Set.of(2, 3), Set.of(2, 3));

    PairWeights weights = PairWeights.ofReservoir(reservoir, 2);

    for (int t = 0; t < reservoir.size(); t++) {
      for (int s = 0; s < t; s++) {
        assertThat(weights.weight(t, s))
            .isEqualTo(reservoir.get(t).contains(s) ? Math.max(1, t / 2.0) : 0);
        assertThat(weights.withoutFactor().weight(t, s))
            .isEqualTo(reservoir.get(t).contains(s) ? 1 : 0);
      }
    }
    assertThat(weights.differentiated()).isEqualTo(4);
  }

  @Test
  void aSegmentThatComesBackIntoTheReservoirIsNoSchedule() {
    assertThatThrownBy(
            () ->
                PairWeights.ofReservoir(
                    List.of(Set.of(), Set.of(0), Set.of(1), Set.<Integer>of(0)), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("segment 0")
        .hasMessageContaining("step 3");
    assertThatThrownBy(() -> PairWeights.ofReservoir(List.of(Set.of(0)), 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private interface Table {
    double[][] of(SplittableRandom random);
  }

  private static void assertTable(Estimator estimator, int segments, Table table) {
    for (int seed = 0; seed < SEEDS; seed++) {
      PairWeights weights = estimator.draw(segments, KeyedRandom.of(seed, 1, segments));
      double[][] expected = table.of(KeyedRandom.of(seed, 1, segments));
      assertThat(weights.segments()).isEqualTo(segments);
      boolean alone = true;
      Set<Integer> differentiated = new HashSet<>();
      for (int t = 0; t < segments; t++) {
        for (int s = 0; s < t; s++) {
          String pair = estimator + " of " + segments + ", " + t + ", " + s;
          assertThat(weights.weight(t, s)).as(pair).isEqualTo(expected[t][s]);
          assertThat(weights.withoutFactor().weight(t, s))
              .as(pair)
              .isEqualTo(expected[t][s] == 0 ? 0 : 1);
          alone &= expected[t][s] == expected[s + 1][s];
          if (expected[t][s] != 0) {
            differentiated.add(s);
          }
        }
      }
      for (int s = 0; s < segments; s++) {
        assertThat(weights.differentiates(s)).isEqualTo(differentiated.contains(s));
      }
      assertThat(weights.differentiated()).isEqualTo(differentiated.size());
      assertThat(weights.dependOnMemoryAlone()).as(estimator + " " + segments).isEqualTo(alone);
    }
  }

  private static double[][] empty(int segments) {
    double[][] table = new double[segments][];
    for (int t = 0; t < segments; t++) {
      table[t] = new double[t];
    }
    return table;
  }

  private static double[][] exact(int segments) {
    return truncated(segments, segments);
  }

  private static double[][] truncated(int segments, int window) {
    double[][] table = empty(segments);
    for (int t = 0; t < segments; t++) {
      for (int s = Math.max(0, t - window); s < t; s++) {
        table[t][s] = 1;
      }
    }
    return table;
  }

  /** Vitter's algorithm R, with the content of the reservoir at every step. */
  private static double[][] unbiased(int segments, int window, SplittableRandom random) {
    double[][] table = empty(segments);
    List<Integer> reservoir = new ArrayList<>();
    for (int t = 0; t < segments; t++) {
      for (int s : reservoir) {
        table[t][s] = Math.max(1, (double) t / window);
      }
      if (t < window) {
        reservoir.add(t);
      } else {
        int slot = random.nextInt(t + 1);
        if (slot < window) {
          reservoir.set(slot, t);
        }
      }
    }
    return table;
  }

  /** Ordered pivotal sampling, with the chance of every segment in a table. */
  private static double[][] sampled(int segments, int samples, SplittableRandom random) {
    int encoded = segments - 1;
    if (samples >= encoded) {
      return exact(segments);
    }
    int[] chance = new int[encoded];
    Arrays.fill(chance, samples);
    int running = 0;
    for (int next = 1; next < encoded; next++) {
      int both = chance[running] + chance[next];
      if (both < encoded) {
        int winner = random.nextInt(both) < chance[running] ? running : next;
        chance[running] = 0;
        chance[next] = 0;
        chance[winner] = both;
        running = winner;
      } else {
        boolean first = random.nextInt(2 * encoded - both) < encoded - chance[next];
        int drawn = first ? running : next;
        int rest = first ? next : running;
        chance[drawn] = encoded;
        chance[rest] = both - encoded;
        running = rest;
      }
    }
    double[][] table = empty(segments);
    for (int t = 0; t < segments; t++) {
      for (int s = 0; s < t; s++) {
        table[t][s] = chance[s] == encoded ? (double) encoded / samples : 0;
      }
    }
    return table;
  }
}
