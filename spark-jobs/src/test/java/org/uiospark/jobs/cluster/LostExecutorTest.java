package org.uiospark.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The bits of the adapter on a real standalone cluster: for any number of executors, and when some
 * are lost in a stage of a step, by SIGKILL.
 */
@Tag("cluster")
class LostExecutorTest {
  private static final int WORKERS = 4;
  private static final int LANES = 8;
  private static final int STEPS = 6;

  /** Stages of a step over the shuffle. */
  private static final int STAGES = 2;

  @TempDir static Path folder;
  private static LocalRun run;
  private static LocalCluster cluster;
  private static String expected;

  @BeforeAll
  static void clusterAndTheUndisturbedRun() throws Exception {
    LightWork work = new LightWork(folder, LightWork.rank(1 << 19), LANES);
    work.write();
    run = new LocalRun(work, STEPS);
    expected = run.sum("local[1]");
    Path sparkHome = folder.resolve("spark");
    Files.createDirectories(sparkHome.resolve("jars"));
    cluster =
        new LocalCluster(
            new ClusterSettings(folder.resolve("cluster"), WORKERS, 1, 1L << 30, 0, 0),
            folder,
            sparkHome);
    cluster.start();
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.stop();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void anyNumberOfExecutorsGivesTheSameBits(int executors) throws Exception {
    assertThat(run.sum("executors-" + executors, TrainingDriver.on(cluster, executors)))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = 2)
  void soDoesAnyNumberOfThreads(int threads) throws Exception {
    assertThat(run.sum("local[" + threads + "]")).isEqualTo(expected);
  }

  static IntStream stages() {
    return IntStream.rangeClosed(1, STAGES);
  }

  /** Two executors: the one that is left has to do all until the worker has started another. */
  @ParameterizedTest
  @MethodSource("stages")
  void executorsKilledInAStageLeaveTheSameBits(int stage) throws Exception {
    assertKilledAndTheSame("stage-" + stage, stage, "0");
  }

  /**
   * There is one stage where the driver takes the gradients, which are far below the limit here.
   */
  @Test
  void soDoThoseWhoseGradientsTheDriverTakesItself() throws Exception {
    assertKilledAndTheSame("collected", 1, "96 MiB");
  }

  private static void assertKilledAndTheSame(String name, int stage, String collectSize)
      throws Exception {
    Path told = folder.resolve("killed-in-" + name);
    Map<String, String> spark = TrainingDriver.on(cluster, 2);
    spark.put("spark.extraListeners", StageKiller.class.getName());
    spark.put(StageKiller.STAGE, Integer.toString(stage));
    spark.put(StageKiller.STEPS, "2,4");
    spark.put(StageKiller.FILE, told.toString());

    assertThat(run.sum(name, spark, collectSize)).isEqualTo(expected);
    assertThat(Files.readAllLines(told))
        .anyMatch(line -> line.matches("killed 1 of executor \\d+ in step 2"))
        .anyMatch(line -> line.matches("killed 1 of executor \\d+ in step 4"))
        .as("tasks that were run again")
        .anyMatch(line -> line.startsWith("again "));
  }
}
