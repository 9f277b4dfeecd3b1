package org.uiospark.jobs.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.data.settings.Objective;
import org.uiospark.jobs.recall.RecallTask;
import org.uiospark.jobs.recall.Split;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.input.InvalidInputException;

/** What conf/uio.conf says of its own settings. */
class StatedSettingsTest {
  @ParameterizedTest
  @MethodSource("org.uiospark.jobs.settings.StatedSettings#keys")
  void everyDefaultIsAllowed(String key) {
    Setting setting = StatedSettings.of(key);
    boolean needed =
        setting.defaults().isEmpty() && setting.allowed().otherwise() != Allowed.Otherwise.NONE;

    if (needed) {
      assertThatThrownBy(() -> Settings.defaults().check(key))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining(" needs " + setting.option());
    } else {
      assertThatCode(() -> Settings.defaults().check(key)).doesNotThrowAnyException();
    }
  }

  @ParameterizedTest
  @MethodSource("org.uiospark.jobs.settings.StatedSettings#keys")
  void everyCommentIsASentence(String key) {
    assertThat(StatedSettings.of(key).comment()).matches("\\S.*[.?]");
  }

  @Test
  void theNamesThatAreAllowedAreThoseThatTheCodeKnows() {
    assertThat(names("prep.objective")).isEqualTo(Objective.NAMES);
    assertThat(names("recall.tasks")).isEqualTo(RecallTask.NAMES);
    assertThat(names("evaluate.recall-tasks")).isEqualTo(RecallTask.NAMES);
    assertThat(names("recall.split"))
        .containsExactly(Split.TRAIN.toString(), Split.TEST.toString());
    for (String estimator : names("train.estimator")) {
      assertThatCode(() -> Estimator.named(estimator, 2, 2)).doesNotThrowAnyException();
    }
    for (String products : names("train.products")) {
      assertThatCode(() -> new ArithmeticSettings(products, 1).onCpus()).doesNotThrowAnyException();
    }
  }

  private static List<String> names(String key) {
    return ((ValueKind.Name) StatedSettings.of(key).allowed().kind()).names();
  }

  @Test
  void aKeyThatIsAsAnotherHasItsRangeAndADefaultOfItsOwn() {
    Setting bench = StatedSettings.of("bench.rank");

    assertThat(bench.allowed()).isEqualTo(StatedSettings.of("adapter.rank").allowed());
    assertThat(bench.comment()).isEqualTo(StatedSettings.of("adapter.rank").comment());
    assertThat(bench.defaults()).containsExactly("32");
  }

  @Test
  void aSectionHasItsSettingsInTheOrderOfTheFile() {
    assertThat(StatedSettings.in("export").stream().map(Setting::key))
        .containsExactly("export.checkpoint", "export.output", "export.evaluation");
    assertThat(StatedSettings.in("nothing")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "whole number from 1 | 1, 2147483647 | 0, 2147483648, 1.5, '', x",
        "whole number from 0 to 9 | 0, 9, 9.0 | -1, 10",
        "whole number of 64 bits | -9223372036854775808 | 9223372036854775808, 1e999999999",
        "number above 0 | 4.9e-324, 1e300 | 0, -0.0, NaN, Infinity, 1e400",
        "number from 0 to 1 | 0, 1, 0.5 | 1.0000001, -1e-9",
        "number above 0 to 1 | 1 | 0, 1.1",
        "size from 1 KiB | 1024, 1 KiB, 2kB | 1023, 1e30, NaN, 2.5, lots",
        "size up to 1 GiB | 0, 96 MiB, 1 GiB | -1, 1073741825, 2 GiB, lots",
        "one of exact, tbptt | exact, tbptt | exac, 'exact, tbptt'",
        "path on this machine | runs/x, /x | s3a://bucket/x",
        "URI | s3a://bucket/x, x |",
      })
  void aKindTakesWhatItsWordsSay(String words, String taken, String refused) {
    ValueKind kind = ValueKind.of(words);

    for (String each : taken.split(", ")) {
      assertThat(kind.read(each)).as(each).isPresent();
    }
    for (String each : refused == null ? new String[0] : refused.split(", ")) {
      assertThat(kind.read(each)).as(each).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "whole number",
        "whole number from one",
        "number",
        "sizes",
        "one of",
        "text or none",
        "Steps."
      })
  void wordsThatMeanNothingAreRefused(String words) {
    assertThatThrownBy(() -> Allowed.of(words)).isInstanceOf(IllegalArgumentException.class);
  }
}
