package org.uiospark.jobs.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SequenceOrderTest {
  /** By weight, and of each data set every sequence once before any comes again. */
  @Test
  void aMixtureTakesDataSetsByWeightAndEachInEpochs() {
    int[] sizes = {50, 20, 7};
    List<Long> seen = first(20_000, mixture(sizes, 9), 8);
    List<Long> ofSecond = seen.stream().filter(i -> i >= 50 && i < 70).toList();
    List<Long> ofThird = seen.stream().filter(i -> i >= 70).toList();
    assertThat(seen).allMatch(i -> i >= 0 && i < 77);
    // Five standard deviations of a share p of 20,000 draws: 5 sqrt(20000 p (1 - p)).
    assertThat((double) ofSecond.size()).isCloseTo(20_000 * 0.3, within(324.0));
    assertThat((double) ofThird.size()).isCloseTo(20_000 * 0.1, within(212.0));
    assertThat(ofSecond.subList(0, 20)).doesNotHaveDuplicates();
    assertThat(ofSecond.subList(20, 40)).doesNotHaveDuplicates();
    assertThat(ofThird.subList(0, 7)).doesNotHaveDuplicates();
  }

  @Test
  void aMixtureFollowsFromSeedAndPositionAlone() {
    int[] sizes = {50, 20, 7};
    SequenceOrder used = mixture(sizes, 9);
    List<Long> seen = first(400, used, 4);
    assertThat(first(400, mixture(sizes, 9), 5)).isEqualTo(seen);
    assertThat(mixture(sizes, 9).batch(60, 4)).isEqualTo(used.batch(60, 4));
    assertThat(used.batch(0, 4))
        .containsExactly(seen.stream().limit(4).mapToLong(i -> i).toArray());
    assertThat(first(400, mixture(sizes, 8), 4)).isNotEqualTo(seen);
  }

  private static SequenceOrder mixture(int[] sizes, long seed) {
    return new SequenceOrder(sizes, new double[] {6, 3, 1}, seed);
  }

  private static SequenceOrder single(int size, long seed) {
    return new SequenceOrder(new int[] {size}, new double[] {1}, seed);
  }

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
    List<Long> seen = first(3 * 23, single(23, 7), 4);

    List<Long> one = seen.subList(0, 23);
    List<Long> two = seen.subList(23, 46);
    List<Long> three = seen.subList(46, 69);
    assertThat(one).doesNotHaveDuplicates().allMatch(i -> i >= 0 && i < 23);
    assertThat(two).containsExactlyInAnyOrderElementsOf(one).isNotEqualTo(one);
    assertThat(three).containsExactlyInAnyOrderElementsOf(one).isNotEqualTo(two);
  }

  @Test
  void theOrderDoesNotDependOnTheBatch() {
    assertThat(first(60, single(11, 3), 5)).isEqualTo(first(60, single(11, 3), 2));
  }

  @Test
  void aStepNeedsNoStepBeforeIt() {
    SequenceOrder used = single(11, 3);
    first(100, used, 4);

    assertThat(single(11, 3).batch(9, 4)).isEqualTo(used.batch(9, 4));
  }

  @Test
  void anotherSeedIsAnotherOrder() {
    assertThat(first(40, single(40, 1), 4)).isNotEqualTo(first(40, single(40, 2), 4));
  }

  @Test
  void aBatchMayBeLargerThanTheDataSet() {
    assertThat(single(2, 0).batch(0, 6)).hasSize(6).containsOnly(0, 1);
    assertThat(single(2, 0).epoch(1, 6)).isEqualTo(3);
  }
}
