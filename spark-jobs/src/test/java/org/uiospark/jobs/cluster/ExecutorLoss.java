package org.uiospark.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Light training on a real standalone cluster of four workers, some of whose executors are lost,
 * beside the undisturbed run of {@code local[1]}.
 */
final class ExecutorLoss implements AutoCloseable {
  private static final int WORKERS = 4;

  private final Path folder;
  private final LocalRun run;
  private final String expected;
  private final LocalCluster cluster;

  /** Writes the work, runs it undisturbed, and starts the cluster. */
  ExecutorLoss(LightWork work, int steps) throws Exception {
    this.folder = work.folder();
    work.write();
    this.run = new LocalRun(work, steps);
    this.expected = run.sum("local[1]");
    Path sparkHome = folder.resolve("spark");
    Files.createDirectories(sparkHome.resolve("jars"));
    this.cluster =
        new LocalCluster(
            new ClusterSettings(folder.resolve("cluster"), WORKERS, 1, 1L << 30, 0, 0),
            folder,
            sparkHome);
    cluster.start();
  }

  void assertTheSameOn(int executors) throws Exception {
    assertThat(run.sum("executors-" + executors, TrainingDriver.on(cluster, executors)))
        .isEqualTo(expected);
  }

  void assertTheSameOn(String master) throws Exception {
    assertThat(run.sum(master)).isEqualTo(expected);
  }

  /**
   * Two executors, one of which is killed in two steps: the other has to do all until the worker
   * has started another.
   *
   * @param name of the run
   * @param stage of a step, from 1
   * @param collectSize as in {@code train.collect-size}
   */
  void assertTheSameWhereKilled(
      String name, int stage, int firstStep, int secondStep, String collectSize) throws Exception {
    Path told = folder.resolve("killed-in-" + name);
    Map<String, String> spark = TrainingDriver.on(cluster, 2);
    spark.put("spark.extraListeners", StageKiller.class.getName());
    spark.put(StageKiller.STAGE, Integer.toString(stage));
    spark.put(StageKiller.STEPS, firstStep + "," + secondStep);
    spark.put(StageKiller.FILE, told.toString());

    assertThat(run.sum(name, spark, collectSize)).isEqualTo(expected);
    assertThat(Files.readAllLines(told))
        .anyMatch(line -> line.matches("killed 1 of executor \\d+ in step " + firstStep))
        .anyMatch(line -> line.matches("killed 1 of executor \\d+ in step " + secondStep))
        .as("tasks that were run again")
        .anyMatch(line -> line.startsWith("again "));
  }

  @Override
  public void close() {
    cluster.stop();
  }
}
