package org.uiospark.model.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.model.input.InvalidInputException;

class SegmentRatiosTest {
  private static final SegmentRatios THREE = ratios(32, "16 4 8");

  private static SegmentRatios ratios(int segmentLength, String memoryTokens) {
    Stream<String> each = Arrays.stream(memoryTokens.split(" ")).filter(text -> !text.isEmpty());
    return new SegmentRatios(segmentLength, each.map(Integer::valueOf).toList());
  }

  @Test
  void theOrderInWhichTheyAreGivenIsNone() {
    assertThat(THREE).isEqualTo(ratios(32, "4 8 16"));
    assertThat(THREE.text()).isEqualTo("4,8,16");
    assertThat(THREE.most()).isEqualTo(new SegmentSettings(32, 16));
    assertThat(SegmentRatios.of(new SegmentSettings(32, 16))).isEqualTo(ratios(32, "16"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "4 5|segment-length 32 is not divisible by memory-tokens 5",
        "0 4|memory-tokens 0 is out of range: at least 1",
        "8 4 8|memory-tokens '4,8,8' is out of range: one or more divisors of segment-length 32, each once",
        "''|memory-tokens '' is out of range: one or more divisors of segment-length 32, each once",
      })
  void whatIsNoListOfDivisorsIsRefused(String memoryTokens, String message) {
    assertThatThrownBy(() -> ratios(32, memoryTokens))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message);
  }

  @Test
  void oneOfThemIsChosenAndTheMostWhereNothingIsSaid() {
    assertThat(THREE.choose(OptionalInt.of(4))).isEqualTo(new SegmentSettings(32, 4));
    assertThat(THREE.choose(OptionalInt.empty())).isEqualTo(THREE.most());
    assertThatThrownBy(() -> THREE.choose(OptionalInt.of(2)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("memory-tokens 2 is none that the adapter was trained for; give one of 4,8,16");
  }

  @Test
  void eachIsDrawnAsOften() {
    int draws = 30_000;
    SplittableRandom random = new SplittableRandom(7);
    Map<SegmentSettings, Integer> counts =
        new TreeMap<>((a, b) -> a.memoryTokens() - b.memoryTokens());
    for (int i = 0; i < draws; i++) {
      counts.merge(THREE.draw(random), 1, Integer::sum);
    }
    // Four standard deviations of a binomial count.
    double spread = 4 * Math.sqrt(draws * (1 / 3.0) * (2 / 3.0));
    assertThat(counts.keySet())
        .extracting(SegmentSettings::memoryTokens)
        .isEqualTo(List.of(4, 8, 16));
    assertThat(counts.values())
        .allSatisfy(count -> assertThat(count - draws / 3.0).isBetween(-spread, spread));
  }
}
