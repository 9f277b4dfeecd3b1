package org.uiospark.model.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class GradientNormTest {
  @Test
  void longGradientIsScaledToTheLimit() {
    float[] gradient = new float[200_000];
    Arrays.fill(gradient, 3f);
    double norm = GradientNorm.of(gradient);
    GradientNorm.clip(gradient, norm, 1.5);
    assertThat(norm).isCloseTo(3 * Math.sqrt(200_000), within(1e-9));
    assertThat(GradientNorm.of(gradient)).isCloseTo(1.5, within(1e-6));
    assertThat(gradient[199_999]).isEqualTo((float) (3 * (1.5 / (norm + 1e-6))));
  }

  @Test
  void shortGradientStays() {
    float[] gradient = {3, 4};
    assertThat(GradientNorm.of(gradient)).isEqualTo(5);
    GradientNorm.clip(gradient, 5, 10);
    assertThat(gradient).containsExactly(3, 4);
    assertThat(GradientNorm.of(new float[0])).isZero();
  }

  @Test
  void gradientThatIsNotFiniteIsReportedAndLeft() {
    float[] gradient = {3, Float.POSITIVE_INFINITY};
    double norm = GradientNorm.of(gradient);
    assertThat(norm).isInfinite();
    GradientNorm.clip(gradient, norm, 1);
    assertThat(gradient).containsExactly(3, Float.POSITIVE_INFINITY);
    assertThat(GradientNorm.of(new float[] {1, Float.NaN})).isNaN();
  }
}
