package org.uiospark.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.SegmentSettings;

class BenchSettingsTest {
  @Test
  void defaultsMakeValidBenchSettings() {
    BenchSettings bench = BenchSettings.of(Settings.defaults());

    assertThat(bench.random().attention().headDim()).isEqualTo(64);
    assertThat(bench.adapter().segments()).isEqualTo(new SegmentSettings(512, 64));
    assertThat(bench.adapter().rank()).isEqualTo(32);
    assertThat(bench.lengths()).containsExactly(16);
    assertThat(bench.estimators().names())
        .containsExactly("exact", "exact-flat", "sampled", "unbiased", "tbptt");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bench.layers|1|bench.layers = 1 is out of range: it must be a whole number from 2",
        "bench.vocab|2|bench.vocab = 2 is out of range",
        "bench.hidden|500|bench.hidden 500 is not divisible by bench.heads 8",
        "bench.hidden|8|bench.hidden 8 is not divisible by bench.heads 8 into heads of even size",
        "bench.kv-heads|3|bench.kv-heads 3 does not divide bench.heads 8",
        "bench.memory-tokens|60|segment-length 512 is not divisible by memory-tokens 60",
        "bench.rank|513|rank 513 is out of range: 1 to the hidden size 512",
        "bench.runs|-1|bench.runs = -1 is out of range",
      })
  void valueOutOfRangeIsNamedWithWhatIsAllowed(String key, String value, String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> BenchSettings.of(Settings.of(null, Map.of(key, value))))
        .withMessageContaining(message);
  }

  @Test
  void listsAreCheckedOneByOne() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () -> BenchSettings.of(Settings.of(null, Map.of("bench.segments", List.of(16, 1)))))
        .withMessageContaining("bench.segments = 1");
    Settings mistyped = Settings.of(null, Map.of("bench.estimators", List.of("exact", "flat")));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> BenchSettings.of(mistyped))
        .withMessageContaining("bench.estimators = flat is not known: one of exact, tbptt,");
  }

  @Test
  void keyValueHeadsFollowTheHeads() {
    BenchSettings two = BenchSettings.of(Settings.of(null, Map.of("bench.heads", 2)));

    assertThat(two.random().attention().heads()).isEqualTo(2);
    assertThat(two.random().attention().kvHeads()).isEqualTo(2);
  }

  @Test
  void whatIsNamedTwiceIsMeasuredOnce() {
    BenchSettings bench =
        BenchSettings.of(
            Settings.of(
                null,
                Map.of(
                    "bench.segments", List.of(16, 8, 16),
                    "bench.estimators", List.of("exact", "tbptt", "exact"))));

    assertThat(bench.lengths()).containsExactly(16, 8);
    assertThat(bench.estimators().names()).containsExactly("exact", "tbptt");
  }

  @Test
  void nothingToMeasureIsRefused() {
    Settings nothing = Settings.of(null, Map.of("bench.runs", 0, "bench.steps", 0));

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> BenchSettings.of(nothing))
        .withMessageContaining("bench.runs and bench.steps are both 0");
  }
}
