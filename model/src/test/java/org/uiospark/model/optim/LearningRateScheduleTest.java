package org.uiospark.model.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.uiospark.model.input.InvalidInputException;

class LearningRateScheduleTest {
  @Test
  void warmsUpThenFallsAsACosine() {
    LearningRateSchedule schedule = new LearningRateSchedule(2, 10, 110, 0.1);
    assertThat(schedule.at(0)).isCloseTo(0.2, within(1e-12));
    assertThat(schedule.at(4)).isCloseTo(1, within(1e-12));
    assertThat(schedule.at(9)).isEqualTo(2);
    assertThat(schedule.at(10)).isEqualTo(2);
    assertThat(schedule.at(60)).isCloseTo(1.1, within(1e-12));
    assertThat(schedule.at(109)).isBetween(0.2, 0.201);
    assertThat(schedule.at(110)).isEqualTo(0.2);
    assertThat(schedule.at(100_000)).isEqualTo(0.2);
    for (int step = 10; step < 110; step++) {
      assertThat(schedule.at(step + 1)).isLessThan(schedule.at(step));
    }
  }

  @Test
  void warmUpMayBeNothingOrTheWholeRun() {
    assertThat(new LearningRateSchedule(1, 0, 1, 0).at(0)).isEqualTo(1);
    LearningRateSchedule longer = new LearningRateSchedule(1, 8, 4, 0);
    assertThat(longer.at(3)).isEqualTo(0.5);
  }

  @Test
  void rangesAreChecked() {
    assertThatThrownBy(() -> new LearningRateSchedule(0, 1, 1, 0))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> new LearningRateSchedule(1, -1, 1, 0))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> new LearningRateSchedule(1, 1, 0, 0))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> new LearningRateSchedule(1, 1, 1, 1.5))
        .isInstanceOf(InvalidInputException.class);
  }
}
