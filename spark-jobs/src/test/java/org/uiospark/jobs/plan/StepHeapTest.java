package org.uiospark.jobs.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.uiospark.model.input.InvalidInputException;

class StepHeapTest {
  private static final StepHeap PAPER = new StepHeap(134_221_824, 0, 0);

  @Test
  void aHeapOfTheDriverThatIsTooSmallIsToldWithTheOneThatIsNeeded() {
    PAPER.requireDriver(5L << 30);

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> PAPER.requireDriver(2L << 30))
        .withMessage(
            "the heap of the driver, 2048 MiB, is too small for an adapter of 134,221,824 values;"
                + " set UIO_DRIVER_MEMORY=4909m, or lower --rank");
  }

  @Test
  void aHeapOfExecutorsThatIsTooSmallIsToldWithTheOneThatIsNeeded() {
    PAPER.requireExecutor(2L << 30);

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> PAPER.requireExecutor(1L << 30))
        .withMessage(
            "the heap of the executor, 1024 MiB, is too small for an adapter of 134,221,824 values;"
                + " give --spark spark.executor.memory=1837m, or lower --rank");
  }

  @Test
  void whatChunksLeaveForEachOtherCountsForTheHeapOfExecutors() {
    StepHeap chunks = new StepHeap(1_000_000, 0, 100L << 20);
    long need = 2 * (100L << 20) + 3 * 4_000_000;

    chunks.requireExecutor(need);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> chunks.requireExecutor(need - 1))
        .withMessageContaining("chunks that leave up to 104,857,600 bytes")
        .withMessageEndingWith("or lower --chunk-segments");
    assertThat(chunks.driver()).isEqualTo(new StepHeap(1_000_000, 0, 0).driver());
  }

  @Test
  void gradientsThatTheDriverTakesItselfCountForItsHeap() {
    // Ten lanes of a million values, each three times, beside nine vectors.
    StepHeap small = new StepHeap(1_000_000, 40_000_000, 0);
    long need = 3 * 40_000_000 + 9 * 4_000_000;

    small.requireDriver(need);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> small.requireDriver(need - 1))
        .withMessageContaining("UIO_DRIVER_MEMORY=449m");
    assertThat(small.executor()).isEqualTo(new StepHeap(1_000_000, 0, 0).executor());
  }
}
