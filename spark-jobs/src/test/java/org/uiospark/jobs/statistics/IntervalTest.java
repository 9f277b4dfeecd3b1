package org.uiospark.jobs.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class IntervalTest {

  @Test
  void wilsonsIntervalSolvesItsEquation() {
    // Its ends are the proportions p at which |share - p| = z sqrt(p (1 - p) / n).
    Interval interval = Interval.wilson(8, 10);
    for (double p : new double[] {interval.low(), interval.high()}) {
      assertThat(Math.abs(0.8 - p))
          .isCloseTo(1.959963984540054 * Math.sqrt(p * (1 - p) / 10), within(1e-12));
    }
    assertThat(interval.low()).isLessThan(0.8);
    assertThat(interval.high()).isGreaterThan(0.8);
  }

  @Test
  void wilsonsIntervalOfNoSuccessOrNoFailureIsNoPoint() {
    // z^2 / (n + z^2), with z^2 = 3.8415.
    assertThat(Interval.wilson(0, 10).low()).isCloseTo(0, within(1e-12));
    assertThat(Interval.wilson(0, 10).high()).isCloseTo(3.8415 / 13.8415, within(1e-4));
    assertThat(Interval.wilson(10, 10).low()).isCloseTo(10 / 13.8415, within(1e-4));
    assertThat(Interval.wilson(10, 10).high()).isCloseTo(1, within(1e-12));
  }

  @Test
  void isWrittenWithTheDecimalsAskedFor() {
    assertThat(Interval.text(new Interval(1, 2.345), 2)).isEqualTo("[1.00, 2.35]");
    assertThat(Interval.text(null, 2)).isEqualTo("[-]");
    assertThat(Interval.text(1.5, new Interval(1, 2.345), 2)).isEqualTo("1.50 [1.00, 2.35]");
  }

  @Test
  void aShareAndItsIntervalAreWrittenInPercent() {
    assertThat(Interval.percent(0.125, new Interval(0.1, 0.15))).isEqualTo("12.50 [10.00, 15.00]");
    assertThat(Interval.percent(0.125, null)).isEqualTo("12.50 [-]");
  }
}
