package org.uiospark.model.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.input.InvalidInputException;

class AdamWTest {
  private static final AdamWSettings DECAYING = new AdamWSettings(0.9, 0.95, 1e-8, 0.1);
  private static final AdapterShape SMALL = new AdapterShape(1, 6, 6, 3, 2, 2);

  private static float[] random(int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (random.nextDouble() * 2 - 1);
    }
    return values;
  }

  @Test
  void firstStepMovesByTheLearningRateAgainstTheSign() {
    float[] values = new float[SMALL.size()];
    float[] gradient = random(SMALL.size(), 1);
    new AdamW(AdamWSettings.DEFAULT, SMALL).update(values, gradient, 0.01);
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i]).isCloseTo(-0.01f * Math.signum(gradient[i]), within(1e-6f));
    }
  }

  @Test
  void manyStepsFollowTheFormulaInDouble() {
    int size = SMALL.size();
    float[] values = random(size, 5);
    double[] expected = new double[size];
    for (int i = 0; i < size; i++) {
      expected[i] = values[i];
    }
    double[] m = new double[size];
    double[] v = new double[size];
    AdamW optimizer = new AdamW(DECAYING, SMALL);
    AdapterShape.Slot embedding =
        SMALL.slots().stream()
            .filter(slot -> slot.name().equals(AdapterShape.MEM_EMBEDDING))
            .findFirst()
            .orElseThrow();
    for (int t = 1; t <= 50; t++) {
      float[] gradient = random(size, 100 + t);
      double lr = 0.01 / t;
      optimizer.update(values, gradient, lr);
      for (int i = 0; i < size; i++) {
        boolean vector = i >= embedding.offset() && i < embedding.offset() + embedding.size();
        m[i] = 0.9 * m[i] + 0.1 * gradient[i];
        v[i] = 0.95 * v[i] + 0.05 * gradient[i] * gradient[i];
        double meanHat = m[i] / (1 - Math.pow(0.9, t));
        double squareHat = v[i] / (1 - Math.pow(0.95, t));
        expected[i] -= lr * (vector ? 0 : 0.1) * expected[i];
        expected[i] -= lr * meanHat / (Math.sqrt(squareHat) + 1e-8);
      }
    }
    for (int i = 0; i < size; i++) {
      assertThat((double) values[i]).isCloseTo(expected[i], within(2e-6));
    }
    assertThat(optimizer.step()).isEqualTo(50);
  }

  @Test
  void embeddingVectorsDoNotDecay() {
    float[] values = random(SMALL.size(), 2);
    float[] before = values.clone();
    new AdamW(DECAYING, SMALL).update(values, new float[SMALL.size()], 0.5);
    for (AdapterShape.Slot slot : SMALL.slots()) {
      double keep = slot.name().equals(AdapterShape.MEM_EMBEDDING) ? 1 : 0.95;
      for (int i = slot.offset(); i < slot.offset() + slot.size(); i++) {
        assertThat(values[i]).isEqualTo((float) (before[i] * keep), within(1e-7f));
      }
    }
  }

  @Test
  void restoredOptimizerGoesOnWithTheSameBits() {
    float[] straight = random(SMALL.size(), 2);
    float[] resumed = straight.clone();
    AdamW one = new AdamW(DECAYING, SMALL);
    AdamW two = new AdamW(DECAYING, SMALL);
    for (int t = 0; t < 6; t++) {
      if (t == 3) {
        two =
            new AdamW(
                DECAYING, SMALL, two.firstMoment().clone(), two.secondMoment().clone(), two.step());
      }
      one.update(straight, random(SMALL.size(), t), 1e-2);
      two.update(resumed, random(SMALL.size(), t), 1e-2);
    }
    assertThat(resumed).containsExactly(straight);
  }

  @Test
  void numberOfThreadsDoesNotChangeTheBits() {
    AdapterShape large = new AdapterShape(2, 1024, 1024, 512, 96, 96);
    float[] gradient = random(large.size(), 9);
    float[] reference = null;
    Double norm = null;
    for (int threads : new int[] {1, 3}) {
      ForkJoinPool pool = new ForkJoinPool(threads);
      try {
        float[] values = random(large.size(), 8);
        float[] scaled = gradient.clone();
        double found = pool.submit(() -> GradientNorm.of(scaled)).join();
        pool.submit(() -> GradientNorm.clip(scaled, found, 1)).join();
        pool.submit(() -> new AdamW(DECAYING, large).update(values, scaled, 1e-3)).join();
        if (reference != null) {
          assertThat(values).isEqualTo(reference);
          assertThat(found).isEqualTo(norm);
        }
        reference = values;
        norm = found;
      } finally {
        pool.shutdown();
      }
    }
  }

  @Test
  void vectorsAndSettingsThatDoNotFitAreRefused() {
    AdamW optimizer = new AdamW(DECAYING, SMALL);
    assertThatThrownBy(() -> optimizer.update(new float[3], new float[SMALL.size()], 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(optimizer.step()).isZero();
    assertThatThrownBy(() -> new AdamWSettings(1, 0.9, 1e-8, 0))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> new AdamWSettings(0.9, 0.9, 1e-8, Double.NaN))
        .isInstanceOf(InvalidInputException.class);
  }
}
