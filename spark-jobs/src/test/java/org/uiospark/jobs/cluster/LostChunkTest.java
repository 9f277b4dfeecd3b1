package org.uiospark.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
  private static LocalRun run;
  private static LocalCluster cluster;
  private static String expected;

  @BeforeAll
  static void clusterAndTheUndisturbedRun() throws Exception {
    LightWork work =
        new LightWork(
            folder,
            LightWork.rank(1 << 17),
            2,
            7,
            List.of("--chunk-segments=2", "--estimator=unbiased"));
    work.write();
    run = new LocalRun(work, STEPS);
    expected = run.sum("local[1]");
    Path sparkHome = folder.resolve("spark");
    Files.createDirectories(sparkHome.resolve("jars"));
    cluster =
        new LocalCluster(
            new ClusterSettings(folder.resolve("cluster"), 4, 1, 1L << 30, 0, 0),
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
  @ValueSource(ints = {1, 2, 3, 4})
  void executorsKilledInAStageLeaveTheSameBits(int stage) throws Exception {
    Path told = folder.resolve("killed-in-stage-" + stage);
    Map<String, String> spark = TrainingDriver.on(cluster, 2);
    spark.put("spark.extraListeners", StageKiller.class.getName());
    spark.put(StageKiller.STAGE, Integer.toString(stage));
    spark.put(StageKiller.STEPS, "3,8");
    spark.put(StageKiller.FILE, told.toString());

    assertThat(run.sum("stage-" + stage, spark)).isEqualTo(expected);
    assertThat(Files.readAllLines(told))
        .anyMatch(line -> line.matches("killed 1 of executor \\d+ in step 3"))
        .anyMatch(line -> line.matches("killed 1 of executor \\d+ in step 8"))
        .as("tasks that were run again")
        .anyMatch(line -> line.startsWith("again "));
  }
}
