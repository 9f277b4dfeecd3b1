package org.uiospark.jobs.cluster;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * As {@link LostExecutorTest}, for sequences that are cut into chunks: a step encodes, decodes,
 * goes back, and adds.
 */
@Tag("cluster")
class LostChunkTest {
  private static final int STEPS = 10;

  @TempDir static Path folder;
  private static ExecutorLoss loss;

  @BeforeAll
  static void start() throws Exception {
    loss =
        new ExecutorLoss(
            new LightWork(
                folder,
                LightWork.rank(1 << 17),
                2,
                7,
                List.of("--chunk-segments=2", "--estimator=unbiased")),
            STEPS);
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
  @ValueSource(ints = {1, 2, 3, 4})
  void executorsKilledInAStageLeaveTheSameBits(int stage) throws Exception {
    loss.assertTheSameWhereKilled("stage-" + stage, stage, 3, 8, "0");
  }
}
