package org.uiospark.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SequenceOrderTest {
  private static List<Long> first(int count, SequenceOrder order, int batch) {
    List<Long> seen = new ArrayList<>();
    for (long step = 0; seen.size() < count; step++) {
      for (long index : order.batch(step, batch)) {
        seen.add(index);
      }
    }
    return seen.subList(0, count);
  }

  @Test
  void everyEpochIsAnotherPermutation() {
    List<Long> seen = first(3 * 23, new SequenceOrder(23, 7), 4);

    List<Long> one = seen.subList(0, 23);
    List<Long> two = seen.subList(23, 46);
    List<Long> three = seen.subList(46, 69);
    assertThat(one).doesNotHaveDuplicates().allMatch(i -> i >= 0 && i < 23);
    assertThat(two).containsExactlyInAnyOrderElementsOf(one).isNotEqualTo(one);
    assertThat(three).containsExactlyInAnyOrderElementsOf(one).isNotEqualTo(two);
  }

  @Test
  void theOrderDoesNotDependOnTheBatch() {
    assertThat(first(60, new SequenceOrder(11, 3), 5))
        .isEqualTo(first(60, new SequenceOrder(11, 3), 2));
  }

  @Test
  void aStepNeedsNoStepBeforeIt() {
    SequenceOrder used = new SequenceOrder(11, 3);
    first(100, used, 4);

    assertThat(new SequenceOrder(11, 3).batch(9, 4)).isEqualTo(used.batch(9, 4));
  }

  @Test
  void anotherSeedIsAnotherOrder() {
    assertThat(first(40, new SequenceOrder(40, 1), 4))
        .isNotEqualTo(first(40, new SequenceOrder(40, 2), 4));
  }

  @Test
  void aBatchMayBeLargerThanTheDataSet() {
    assertThat(new SequenceOrder(2, 0).batch(0, 6)).hasSize(6).containsOnly(0, 1);
    assertThat(new SequenceOrder(2, 0).epoch(1, 6)).isEqualTo(3);
  }
}
