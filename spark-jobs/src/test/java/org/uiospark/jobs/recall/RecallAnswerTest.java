package org.uiospark.jobs.recall;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecallAnswerTest {

  @ParameterizedTest
  @CsvSource({
    "' 48213.', true", "' the number 48213, and 1', true", "' 482134', false",
    "' 4821', false", "'1 48213', false", "' none', false"
  })
  void theFirstNumberCountsWhereOneIsAsked(String generated, boolean right) {
    assertThat(new RecallAnswer(List.of("48213")).isIn(generated)).isEqualTo(right);
  }

  @ParameterizedTest
  @CsvSource({
    "' 10003, 20009, 30001.', true",
    "' 30001 and 10003 20009', true",
    "' 10003, 20009', false",
    "' 10003, 20009, 300012', false",
    "'', false"
  })
  void everyOneOfSeveralHasToBeThere(String generated, boolean right) {
    assertThat(new RecallAnswer(List.of("10003", "20009", "30001")).isIn(generated))
        .isEqualTo(right);
  }

  @ParameterizedTest
  @CsvSource({
    "' mill, says he', true",
    "' the mill', true",
    "' windmill', false",
    "' mills', false",
    "' Mill', false",
    "' barn', false",
    "' barn and mill', false",
    "' school. Hugh travelled to the mill', false"
  })
  void aWordHasToBeWhole(String generated, boolean right) {
    assertThat(new RecallAnswer(List.of("mill")).isIn(generated)).isEqualTo(right);
  }

  @ParameterizedTest
  @CsvSource({
    "' R, X, T', true",
    "' T and X and R.', true",
    "' R, X, T, Y', true",
    "' R, Y, X, T', false",
    "' X, X, T, R', false"
  })
  void whoNamesAllThatThereAreIsNotRight(String generated, boolean right) {
    assertThat(new RecallAnswer(List.of("R", "X", "T")).isIn(generated)).isEqualTo(right);
  }

  @Test
  void aLineHasToBeginAsItIs() {
    RecallAnswer line = new RecallAnswer(List.of("Hugh took the green bell to the mill."));
    assertThat(line.isIn(" Hugh took the green bell to the mill. Sentence 5")).isTrue();
    assertThat(line.isIn(" Hugh took the green bell")).isFalse();
  }

  @Test
  void whatIsLearnedIsAllPartsBehindASpace() {
    assertThat(new RecallAnswer(List.of("R", "X", "T")).text()).isEqualTo(" R, X, T");
  }
}
