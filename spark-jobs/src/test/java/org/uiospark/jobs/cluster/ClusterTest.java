package org.uiospark.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.prep.PrepJob;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.jobs.LocalSpark;
import org.uiospark.model.input.InvalidInputException;

/**
 * A real standalone cluster, drivers in processes of their own, real SIGKILL.
 *
 * <p>The long form, 100 executors and 5 drivers killed: {@code mvn -pl spark-jobs -am test-compile
 * surefire:test@cluster-test -Dtest=ClusterTest#killed* -Dsurefire.failIfNoSpecifiedTests=false
 * -Duio.steps=110 -Duio.kills=100 -Duio.driver-kills=5}, with {@code -Duio.seed=N} for other
 * moments and {@code -Duio.workers=4} for more executors.
 */
@Tag("cluster")
class ClusterTest {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterTest.class);
  private static final int WORKERS = Integer.getInteger("uio.workers", 2);
  private static final int STEPS = Integer.getInteger("uio.steps", 8);
  private static final int KILLS = Integer.getInteger("uio.kills", 2);
  private static final int DRIVER_KILLS = Integer.getInteger("uio.driver-kills", 1);
  private static final long SEED = Long.getLong("uio.seed", 1);
  private static final Map<String, String> LOCAL =
      Map.of("spark.master", "local[1]", "spark.driver.host", "127.0.0.1");

  @TempDir static Path folder;
  private static LocalCluster cluster;
  private static String expected;

  @BeforeAll
  static void clusterDataAndTheUndisturbedRun() throws Exception {
    prepare(folder);
    TrainingDriver undisturbed = driver("undisturbed");
    undisturbed.awaitDone(undisturbed.start(LOCAL));
    expected = undisturbed.sum();
    cluster = new LocalCluster(settings("cluster", WORKERS, 0), folder, sparkHome(folder));
    cluster.start();
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.stop();
    }
  }

  @Test
  void anyNumberOfExecutorsGivesTheSameBits() throws Exception {
    for (int executors = 1; executors <= WORKERS; executors *= 2) {
      TrainingDriver driver = driver("executors-" + executors);
      Map<String, String> spark = TrainingDriver.submittedTo(cluster);
      spark.put("spark.cores.max", Integer.toString(executors));
      driver.awaitDone(driver.start(spark));
      assertThat(driver.sum()).as("%d executors", executors).isEqualTo(expected);
    }
  }

  @Test
  void killedExecutorsAndDriversLeaveTheSameBits() throws Exception {
    TrainingDriver driver = driver("killed");
    Map<String, String> spark = TrainingDriver.submittedTo(cluster);
    Random random = new Random(SEED);
    List<Boolean> victims = new ArrayList<>(Collections.nCopies(KILLS, false));
    victims.addAll(Collections.nCopies(DRIVER_KILLS, true));
    Collections.shuffle(victims, random);
    // The last steps are left alone, so that no victim ends before it is killed.
    int[] moments = random.ints(victims.size(), 0, STEPS - 2).sorted().toArray();

    Process process = driver.start(spark);
    for (int i = 0; i < moments.length; i++) {
      awaitStep(driver, process, moments[i]);
      Thread.sleep(random.nextInt(300));
      if (victims.get(i)) {
        process.destroyForcibly().waitFor();
        process = driver.start(spark, "--resume");
      } else {
        kill(folder.resolve("cluster"), random);
      }
      LOG.warn("Killed {} at step {}", victims.get(i) ? "the driver" : "an executor", moments[i]);
    }

    driver.awaitDone(process);
    assertThat(driver.sum()).isEqualTo(expected);
  }

  @Test
  void aRunThatIsAskedToStopWritesACheckpointAndGoesOnFromIt() throws Exception {
    TrainingDriver driver =
        new TrainingDriver(folder.resolve("data"), folder.resolve("stopped"), STEPS, STEPS);
    Process process = driver.start(LOCAL);
    while (!Files.readString(driver.log()).contains("step 1/")) {
      assertThat(process.isAlive()).as("the driver, before step 1").isTrue();
      Thread.sleep(20);
    }
    process.destroy();

    driver.awaitDone(process);
    assertThat(driver.log()).content().contains("SIGTERM: stopping after this step");
    assertThat(driver.newestStep().orElseThrow()).isBetween(1L, STEPS - 1L);
    driver.awaitDone(driver.start(LOCAL, "--resume"));
    assertThat(driver.sum()).isEqualTo(expected);
  }

  @Test
  void prepFindsRelativePathsFromExecutorsThatWorkElsewhere() throws Exception {
    Path here = Path.of("").toAbsolutePath();
    PrepSettings relative =
        preparation(
            Path.of(TrainingDriver.MODEL),
            here.relativize(folder.resolve("book.txt")),
            here.relativize(folder.resolve("relative")));
    SparkConf conf = new SparkConf(false).setAppName("relative paths");
    TrainingDriver.submittedTo(cluster).forEach(conf::set);
    try (SparkSession spark = SparkSession.builder().config(conf).getOrCreate()) {
      new PrepJob(spark, relative).run();
    }
    Configuration hadoop = new Configuration();
    assertThat(SequenceDataSet.open(relative.output(), hadoop).description().files())
        .isEqualTo(
            SequenceDataSet.open(folder.resolve("data").toString(), hadoop).description().files());
  }

  @Test
  void aSecondClusterInTheSameFolderIsRefusedAndStatusTellsOfTheFirst() {
    assertThatThrownBy(() -> cluster.start())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("a cluster runs in")
        .hasMessageContaining("cluster stop");
    assertThat(cluster.status())
        .startsWith("spark://127.0.0.1:")
        .contains(WORKERS + " workers", "master", "worker-1", "worker-" + WORKERS);
  }

  @Test
  void aPortThatIsTakenIsRefusedAndNothingIsLeftRunning() throws Exception {
    int taken = Integer.parseInt(cluster.status().lines().findFirst().orElseThrow().substring(18));
    LocalCluster other =
        new LocalCluster(
            new ClusterSettings(folder.resolve("other"), 1, 1, 1L << 30, 0, taken),
            folder,
            sparkHome(folder));

    assertThatThrownBy(other::start)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("the master ended at its start");
    assertThat(Daemon.running(folder.resolve("other"))).isEmpty();
    assertThatThrownBy(other::status).hasMessageContaining("no cluster runs in");
  }

  private static TrainingDriver driver(String name) {
    return new TrainingDriver(folder.resolve("data"), folder.resolve(name), STEPS, 1);
  }

  private static ClusterSettings settings(String name, int workers, int gpus) {
    return new ClusterSettings(folder.resolve(name), workers, 1, 1L << 30, gpus, 0);
  }

  /** Only its empty folder of jars is looked at: executors get the class path of this JVM. */
  static Path sparkHome(Path folder) throws IOException {
    Path home = folder.resolve("spark");
    Files.createDirectories(home.resolve("jars"));
    return home;
  }

  private static void awaitStep(TrainingDriver driver, Process process, int step) throws Exception {
    while (driver.newestStep().orElse(0) < step) {
      assertThat(process.isAlive())
          .as(() -> "the driver, before step " + step + ": " + driver.lines())
          .isTrue();
      Thread.sleep(20);
    }
  }

  /** Kills one executor of any worker; after a kill the next one may still be starting. */
  static void kill(Path cluster, Random random) throws InterruptedException {
    while (true) {
      List<ProcessHandle> executors =
          Daemon.running(cluster).stream()
              .filter(daemon -> daemon.name().startsWith("worker"))
              .flatMap(daemon -> daemon.process().running().stream())
              .flatMap(ProcessHandle::children)
              .filter(ProcessHandle::isAlive)
              .toList();
      if (!executors.isEmpty()) {
        ProcessHandle executor = executors.get(random.nextInt(executors.size()));
        // Seen to be gone, so that the next kill is of another one.
        if (executor.destroyForcibly()) {
          executor.onExit().join();
          return;
        }
      }
      Thread.sleep(20);
    }
  }

  /** Writes a small data set to {@code folder/data}. */
  static void prepare(Path folder) throws IOException {
    String text =
        Files.readString(Path.of("src/main/resources/org/uiospark/jobs/quickstart/books/emma.txt"));
    Path book = Files.writeString(folder.resolve("book.txt"), text.substring(2000, 22_000));
    try (SparkSession spark = LocalSpark.start(1)) {
      new PrepJob(spark, preparation(Path.of(TrainingDriver.MODEL), book, folder.resolve("data")))
          .run();
    }
  }

  private static PrepSettings preparation(Path model, Path book, Path output) {
    return new PrepSettings(
        List.of(book.toString()),
        output.toString(),
        model + "/tokenizer.json",
        Objective.LM,
        new Cutting(32, 8, 2, 0),
        new TextReading(RecordFields.ofText("text"), 0.001),
        Repeats.DROPPED,
        2_000_000,
        0.01);
  }
}
