package org.uiospark.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.jobs.device.TaskDevice;
import org.uiospark.model.input.InvalidInputException;

/** GPUs that are lent by Spark but do not exist: an nvidia-smi that names two. */
@Tag("cluster")
class GpuClusterTest {
  @TempDir Path folder;

  /** What a task saw of itself; times in nanoseconds of one clock for all processes. */
  private record Seen(String executor, String device, long begin, long end)
      implements Serializable {
    static Seen here() throws InterruptedException {
      String device = TaskDevice.of(TaskContext.get()).toString();
      long begin = System.nanoTime();
      Thread.sleep(300);
      return new Seen(SparkEnv.get().executorId(), device, begin, System.nanoTime());
    }

    boolean overlaps(Seen other) {
      return begin < other.end && other.begin < end;
    }
  }

  @Test
  void eachTaskHasAGpuOfItsOwnAndAnExecutorWithOneRunsOneTaskAtATime() throws Exception {
    LocalCluster cluster =
        new LocalCluster(
            new ClusterSettings(folder.resolve("cluster"), 1, 4, 2L << 30, 2, 0),
            projectWithTwoGpus(),
            sparkHome());
    cluster.start();
    List<Seen> seen;
    try {
      // Two executors of two cores and one GPU each.
      Map<String, String> spark = TrainingDriver.submittedTo(cluster);
      spark.put("spark.executor.cores", "2");
      spark.put("spark.cores.max", "4");
      spark.put("spark.executor.resource.gpu.amount", "1");
      spark.put("spark.task.resource.gpu.amount", "1");
      spark.put("spark.scheduler.minRegisteredResourcesRatio", "1");
      spark.put("spark.scheduler.maxRegisteredResourcesWaitingTime", "60s");
      seen = probe(spark);
    } finally {
      cluster.stop();
    }

    assertThat(seen)
        .extracting(Seen::device)
        .containsOnly("gpu(0)", "gpu(1)")
        .contains("gpu(0)", "gpu(1)");
    Map<String, List<Seen>> byExecutor =
        seen.stream().collect(Collectors.groupingBy(Seen::executor));
    assertThat(byExecutor).hasSize(2);
    byExecutor
        .values()
        .forEach(
            tasks ->
                assertThat(tasks).extracting(Seen::device).containsOnly(tasks.get(0).device()));
    for (Seen one : seen) {
      for (Seen other : seen) {
        if (one != other && one.overlaps(other)) {
          assertThat(one.executor()).isNotEqualTo(other.executor());
          assertThat(one.device()).isNotEqualTo(other.device());
        }
      }
    }
  }

  @Test
  void workersThatWouldLendTheSameGpusTwiceAreRefused() throws Exception {
    LocalCluster cluster =
        new LocalCluster(
            new ClusterSettings(folder.resolve("cluster"), 2, 1, 1L << 30, 1, 0),
            folder,
            sparkHome());

    assertThatThrownBy(cluster::start)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("--workers 1");
  }

  private static List<Seen> probe(Map<String, String> settings) throws Exception {
    SparkSession.Builder builder = SparkSession.builder().appName("probe");
    settings.forEach(builder::config);
    try (SparkSession session = builder.getOrCreate()) {
      JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
      List<Integer> tasks = IntStream.range(0, 8).boxed().toList();
      return new ArrayList<>(spark.parallelize(tasks, 8).map(task -> Seen.here()).collect());
    }
  }

  /** The real discovery script, over an nvidia-smi of our own. */
  private Path projectWithTwoGpus() throws Exception {
    Path conf = Files.createDirectories(folder.resolve("project/conf"));
    executable(conf.resolve("nvidia-smi"), "printf '0\\n1\\n'");
    Path real = Path.of("..", "conf", "gpu-discovery.sh").toAbsolutePath().normalize();
    executable(conf.resolve("gpu-discovery.sh"), "PATH='" + conf + "':$PATH exec '" + real + "'");
    return folder.resolve("project");
  }

  private static void executable(Path file, String script) throws Exception {
    Files.writeString(file, "#!/usr/bin/env bash\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private Path sparkHome() throws Exception {
    Path home = folder.resolve("spark");
    Files.createDirectories(home.resolve("jars"));
    return home;
  }
}
