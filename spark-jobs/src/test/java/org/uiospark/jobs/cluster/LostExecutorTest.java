package org.uiospark.jobs.cluster;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The bits of the adapter on a real standalone cluster: for any number of executors, and when some
 * are lost in a stage of a step, by SIGKILL.
 */
@Tag("cluster")
class LostExecutorTest {
  private static final int LANES = 8;
  private static final int STEPS = 6;

  @TempDir static Path folder;
  private static ExecutorLoss loss;

  @BeforeAll
  static void start() throws Exception {
    loss = new ExecutorLoss(new LightWork(folder, LightWork.rank(1 << 19), LANES), STEPS);
  }

  @AfterAll
  static void stop() {
    if (loss != null) {
      loss.close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void anyNumberOfExecutorsGivesTheSameBits(int executors) throws Exception {
    loss.assertTheSameOn(executors);
  }

  @ParameterizedTest
  @ValueSource(ints = 2)
  void soDoesAnyNumberOfThreads(int threads) throws Exception {
    loss.assertTheSameOn("local[" + threads + "]");
  }

  /** A step over the shuffle has two stages. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void executorsKilledInAStageLeaveTheSameBits(int stage) throws Exception {
    loss.assertTheSameWhereKilled("stage-" + stage, stage, 2, 4, "0");
  }

  /**
   * There is one stage where the driver takes the gradients, which are far below the limit here.
   */
  @Test
  void soDoThoseWhoseGradientsTheDriverTakesItself() throws Exception {
    loss.assertTheSameWhereKilled("collected", 1, 2, 4, "96 MiB");
  }
}
