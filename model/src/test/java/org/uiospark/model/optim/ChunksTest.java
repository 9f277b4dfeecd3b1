package org.uiospark.model.optim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;

class ChunksTest {
  @Test
  void everyElementIsVisitedOnce() {
    for (int size : new int[] {0, 1, Chunks.SIZE, 3 * Chunks.SIZE + 7}) {
      int[] visits = new int[size];
      Chunks.forEach(
          size,
          (from, to) -> {
            for (int i = from; i < to; i++) {
              visits[i]++;
            }
          });
      assertThat(visits).containsOnly(size == 0 ? new int[0] : new int[] {1});
    }
  }

  @Test
  void chunksDoNotDependOnTheNumberOfThreads() {
    int size = 5 * Chunks.SIZE + 3;
    assertThat(ends(size, 1)).isEqualTo(ends(size, 4)).containsExactly(1, 2, 3, 4, 5, 5);
  }

  /** In whole chunks, where each chunk ended, by where it began. */
  private static int[] ends(int size, int threads) {
    int[] ends = new int[Chunks.count(size)];
    ForkJoinPool pool = new ForkJoinPool(threads);
    try {
      pool.submit(
              () -> Chunks.forEach(size, (from, to) -> ends[from / Chunks.SIZE] = to / Chunks.SIZE))
          .join();
    } finally {
      pool.shutdown();
    }
    return ends;
  }

  @Test
  void oneValueThatIsNotFiniteIsFoundAnywhere() {
    float[] values = new float[2 * Chunks.SIZE];
    values[5] = -Float.MAX_VALUE;
    assertThat(allFinite(values)).isTrue();
    for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY}) {
      for (int at : new int[] {0, Chunks.SIZE - 1, Chunks.SIZE, values.length - 1}) {
        float[] spoilt = values.clone();
        spoilt[at] = bad;
        assertThat(allFinite(spoilt)).isFalse();
      }
    }
  }

  private static boolean allFinite(float[] values) {
    return Chunks.all(values.length, (from, to) -> Chunks.finite(values, from, to));
  }
}
