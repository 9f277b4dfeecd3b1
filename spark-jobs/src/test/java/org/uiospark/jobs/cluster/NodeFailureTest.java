package org.uiospark.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.commons.io.FileUtils;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.jobs.PoisonedSet;
import org.uiospark.jobs.task.NativeMemory;

/**
 * What belongs to a machine does not end a run, and what every machine would see does at once: a
 * real standalone cluster, whose second worker has mounts of its own.
 */
@Tag("cluster")
class NodeFailureTest {
  private static final int STEPS = 6;
  private static final Path MODEL = Path.of(TrainingDriver.MODEL);

  @TempDir static Path folder;
  private static LocalCluster cluster;
  private static MountedWorker first;
  private static MountedWorker second;
  private static String expected;

  @BeforeAll
  static void clusterDataAndTheUndisturbedRun() throws Exception {
    ClusterTest.prepare(folder);
    TrainingDriver undisturbed = driver("undisturbed");
    undisturbed.awaitDone(
        undisturbed.start(Map.of("spark.master", "local[1]", "spark.driver.host", "127.0.0.1")));
    expected = undisturbed.sum();
    cluster =
        new LocalCluster(
            new ClusterSettings(folder.resolve("cluster"), 2, 1, 1L << 30, 0, 0),
            folder,
            ClusterTest.sparkHome(folder));
    cluster.start();
    Path disk = Files.createDirectory(folder("disk"));
    first = MountedWorker.inPlaceOf(folder("cluster"), "worker-1", Map.of());
    second =
        MountedWorker.inPlaceOf(
            folder("cluster"), "worker-2", Map.of("SPARK_LOCAL_DIRS", disk.toString()));
    await(() -> cluster.status().contains("2 workers"));
  }

  @AfterAll
  static void stop() {
    if (first != null) {
      first.end();
    }
    if (second != null) {
      second.end();
    }
    if (cluster != null) {
      cluster.stop();
    }
  }

  @Test
  void aModelThatIsLostOnOneWorkerInMidRun() throws Exception {
    TrainingDriver driver = driver("lost-model");
    Process process = driver.start(profile());
    awaitFirstStepOnBoth(driver, process);
    second.mount(MODEL, 64);
    try {
      // The successor of its executor has to load the model, and alone takes tasks until then.
      signal("STOP", first.executors());
      second.executors().forEach(ProcessHandle::destroyForcibly);
      await(() -> driver.lines().contains("NodeFailureException: model "));
      signal("CONT", first.executors());
      driver.awaitDone(process);
    } finally {
      signal("CONT", first.executors());
      second.unmount(MODEL);
    }
    assertThat(driver.lines()).contains(MODEL + " has no config.json", "cannot be used");
    assertThat(driver.sum()).isEqualTo(expected);
  }

  @Test
  void aDiskThatIsFullOnOneWorker() throws Exception {
    TrainingDriver driver = driver("full-disk");
    Path disk = folder("disk");
    second.mount(disk, 4096);
    try {
      Map<String, String> spark = profile();
      // Gradients that the driver takes itself never see a disk.
      Process process = driver.start(spark, "--collect-size=0");
      awaitFirstStepOnBoth(driver, process);
      fill(second.seen(disk));
      driver.awaitDone(process);
    } finally {
      second.unmount(disk);
    }
    assertThat(driver.lines()).contains("No space left on device");
    assertThat(driver.sum()).isEqualTo(expected);
  }

  @Test
  void aModelThatNoWorkerHasEndsTheRunWithOneLine() throws Exception {
    TrainingDriver driver = driver("no-model");
    first.mount(MODEL, 64);
    second.mount(MODEL, 64);
    try {
      Map<String, String> spark = profile();
      spark.put("spark.scheduler.excludeOnFailure.unschedulableTaskSetTimeout", "15s");
      assertThat(driver.start(spark).waitFor()).as(driver::lines).isEqualTo(2);
    } finally {
      first.unmount(MODEL);
      second.unmount(MODEL);
    }
    assertThat(driver.lines().lines().filter(line -> line.startsWith("uio: ")))
        .singleElement()
        .asString()
        .startsWith("uio: a task failed every time, last in executor ")
        .contains(" on 127.0.0.1: model " + MODEL.toAbsolutePath() + " cannot be used: ")
        .endsWith("; every machine needs the same files there");
  }

  @Test
  void aTokenOutsideTheVocabularyEndsTheRunAtTheFirstTry() throws Exception {
    Path set = folder("poisoned");
    FileUtils.copyDirectory(folder("data").toFile(), set.toFile());
    PoisonedSet.poison(set, (ids, labels) -> ids[3] = 2048);
    TrainingDriver driver = new TrainingDriver(set, folder("bad-token"), STEPS, 1);
    Map<String, String> spark = profile();
    Path events = Files.createDirectory(folder("events"));
    spark.put("spark.eventLog.enabled", "true");
    spark.put("spark.eventLog.compress", "false");
    spark.put("spark.eventLog.dir", events.toUri().toString());

    int status = driver.start(spark).waitFor();

    assertThat(status).as(driver::lines).isEqualTo(2);
    assertThat(driver.lines().lines().filter(line -> line.startsWith("uio: ")))
        .singleElement()
        .asString()
        .contains("document book.txt, offset 0: token 2048", "vocabulary of 2048");
    List<JsonNode> tasks = endedTasks(events);
    assertThat(tasks).isNotEmpty();
    for (JsonNode task : tasks) {
      assertThat(task.at("/Task Info/Attempt").asInt()).as("%s", task).isZero();
      assertThat(task.at("/Task End Reason/Reason").asText()).isIn("Success", "TaskKilled");
    }
  }

  @Test
  void anExecutorWhoseMemoryRanOutGivesItsProcessUp() throws Exception {
    Path marker = folder("exhausted");
    SparkConf conf = new SparkConf(false).setAppName("native memory");
    profile().forEach(conf::set);
    // As every command sets it.
    conf.set("spark.excludeOnFailure.task.maxTaskAttemptsPerNode", "7");
    long next;
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      next = spark.parallelize(List.of(marker.toString()), 1).map(new Exhaust()).first();
    }
    long exhausted = Long.parseLong(Files.readString(marker));
    assertThat(next).isNotEqualTo(exhausted);
    // It ends in its own time.
    await(() -> ProcessHandle.of(exhausted).filter(ProcessHandle::isAlive).isEmpty());
    String log = Files.readString(marker.resolveSibling("exhausted.log"));
    assertThat(log).contains("the memory of cpu() ran out", "you tried to allocate");
  }

  /** Asks for more than there is, the first time; gives the process id of the second. */
  private static final class Exhaust implements Function<String, Long> {
    private static final long serialVersionUID = 1L;

    @Override
    public Long call(String marker) throws IOException {
      long pid = ProcessHandle.current().pid();
      Path file = Path.of(marker);
      if (Files.exists(file)) {
        return pid;
      }
      Files.writeString(file, Long.toString(pid));
      try {
        return NativeMemory.guard(
            () -> {
              try (NDManager manager = NDManager.newBaseManager()) {
                return manager.zeros(new Shape(1L << 44)).getShape().size();
              }
            });
      } catch (RuntimeException e) {
        Files.writeString(file.resolveSibling("exhausted.log"), e.getMessage());
        throw e;
      }
    }
  }

  private static Path folder(String name) {
    return folder.resolve(name);
  }

  private static TrainingDriver driver(String name) {
    return new TrainingDriver(folder("data"), folder(name), STEPS, 1);
  }

  /** What submit.sh gives to such a cluster, on both of whose workers a run begins. */
  private static Map<String, String> profile() throws IOException {
    Properties profile = new Properties();
    try (var reader = Files.newBufferedReader(Path.of("../conf/profiles/standalone.conf"))) {
      profile.load(reader);
    }
    Map<String, String> spark = new HashMap<>();
    profile.forEach((key, value) -> spark.put(key.toString(), value.toString()));
    spark.putAll(TrainingDriver.on(cluster, 2));
    return spark;
  }

  private static void signal(String name, List<ProcessHandle> processes) throws Exception {
    for (ProcessHandle process : processes) {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    }
  }

  /** Waits until a run, which still goes on, has made a step and the second worker serves it. */
  private static void awaitFirstStepOnBoth(TrainingDriver driver, Process process)
      throws Exception {
    await(
        () -> {
          assertThat(process.isAlive())
              .as(() -> "still running, with " + second.executors() + ": " + driver.lines())
              .isTrue();
          return driver.newestStep().orElse(0) >= 1 && second.executors().size() == 1;
        });
  }

  /** Checked until it holds; the build ends what takes too long. */
  private static void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(4);
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("before four minutes were over").isLessThan(deadline);
      Thread.sleep(20);
    }
  }

  /** Takes all that is left of a disk. */
  private static void fill(Path disk) throws IOException {
    try (var out = Files.newOutputStream(disk.resolve("full"))) {
      byte[] block = new byte[1024];
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
  }

  private static List<JsonNode> endedTasks(Path events) throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<JsonNode> tasks = new ArrayList<>();
    try (var files = Files.walk(events)) {
      for (Path file :
          files.filter(file -> file.getFileName().toString().startsWith("events_")).toList()) {
        for (String line : Files.readAllLines(file)) {
          JsonNode event = json.readTree(line);
          if (event.path("Event").asText().equals("SparkListenerTaskEnd")) {
            tasks.add(event);
          }
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return tasks;
  }
}
