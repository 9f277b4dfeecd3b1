package org.uiospark.jobs.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.uiospark.data.settings.Objective;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.NonFiniteException;

class LaneSumTest {
  private static final float[][] PARTS = {{1e8f, 1}, {-1e8f, 2}, {3.25f, 4}, {0.1f, 6}};

  private static byte[] lane(int lane, long labels, float... values) {
    return LaneGradient.empty()
        .plus("document " + lane, 2, labels, 10, 1_000_000_000L * lane)
        .encode(values.length, into -> into.put(values));
  }

  private static LaneSum sum(List<Integer> arrivals) {
    LaneSum sum = new LaneSum(5, PARTS.length, 2);
    arrivals.forEach(lane -> sum.apply(lane, lane(lane, 2, PARTS[lane])));
    return sum;
  }

  @Test
  void theBitsDoNotDependOnTheOrderOfArrival() {
    float[] inOrder = sum(List.of(0, 1, 2, 3)).mean();

    assertThat(inOrder).containsExactly((float) ((3.25f + 0.1f) / 8.0), 13 / 8f);
    assertThat(sum(List.of(3, 2, 1, 0)).mean()).containsExactly(inOrder);
    assertThat(sum(List.of(2, 0, 3, 1)).mean()).containsExactly(inOrder);
  }

  @Test
  void theBitsDoNotDependOnTheNumberOfThreads() {
    float[][] parts = new float[3][200_003];
    SplittableRandom random = new SplittableRandom(4);
    for (float[] part : parts) {
      for (int i = 0; i < part.length; i++) {
        part[i] = (float) Math.scalb(random.nextDouble() - 0.5, random.nextInt(20));
      }
    }
    float[] expected = new float[parts[0].length];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (float) ((parts[0][i] + parts[1][i] + parts[2][i]) / 6.0);
    }

    for (int threads : new int[] {1, 3}) {
      ForkJoinPool pool = new ForkJoinPool(threads);
      try {
        assertThat(pool.submit(() -> mean(parts)).join()).containsExactly(expected);
      } finally {
        pool.shutdown();
      }
    }
  }

  private static float[] mean(float[][] parts) {
    LaneSum sum = new LaneSum(5, parts.length, parts[0].length);
    for (int lane = parts.length - 1; lane >= 0; lane--) {
      sum.apply(lane, lane(lane, 2, parts[lane]));
    }
    return sum.mean();
  }

  @Test
  void eachObjectiveHasTheLossOfItsOwnLabels() {
    LaneSum sum = new LaneSum(5, 4, 2);
    long[] labels = {2, 4, 0, 16};
    for (int lane = 3; lane >= 0; lane--) {
      sum.apply(lane, lane(lane, labels[lane], PARTS[lane]));
    }

    List<Objective> objectives = List.of(Objective.AE, Objective.LM, Objective.SFT, Objective.LM);
    assertThat(sum.loss(objectives).losses()).isEqualTo(Map.of("ae", 1.0, "lm", 0.2));
  }

  @Test
  void lossAndLabelsAreThoseOfTheWholeBatch() {
    LaneSum sum = sum(List.of(1, 0, 3, 2));

    BatchLoss loss = sum.loss(Collections.nCopies(4, Objective.LM));
    assertThat(loss).isEqualTo(new BatchLoss(1, Map.of("lm", 1.0), 40, 8));
    assertThat(sum.computeSeconds()).isEqualTo(3);
  }

  @Test
  void aGradientThatIsNotFiniteIsRefusedByStepAndSequence() {
    LaneSum sum = new LaneSum(5, 2, 2);
    sum.apply(1, lane(1, 2, Float.NaN, 0));
    sum.apply(0, lane(0, 2, 1, 1));

    assertThatThrownBy(sum::mean)
        .isInstanceOf(NonFiniteException.class)
        .hasMessageStartingWith("step 5: loss or gradient is not finite in document 1;");
  }

  @Test
  void aBatchWithoutLabelsIsRefusedByItsSequences() {
    LaneSum sum = new LaneSum(5, 2, 1);
    sum.apply(0, lane(0, 0, 0));
    sum.apply(1, lane(1, 0, 0));

    assertThatThrownBy(sum::mean)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("step 5")
        .hasMessageContaining("document 0; document 1");
  }
}
