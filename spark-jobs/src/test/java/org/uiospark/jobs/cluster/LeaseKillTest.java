package org.uiospark.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.prep.PrepJob;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.jobs.LocalSpark;
import org.uiospark.model.input.Sha256;

/**
 * Drivers in PID namespaces of their own, killed or suspended while they write, and others that go
 * on with {@code --resume} at once; nobody unlocks. {@code -Duio.seed=N} for other moments.
 */
@Tag("cluster")
@Timeout(300)
class LeaseKillTest {
  private static final long SEED = Long.getLong("uio.seed", 1);
  private static final int STEPS = 16;
  private static final String LEASE = "--lease-seconds=5";
  private static final Map<String, String> LOCAL =
      Map.of("spark.master", "local[1]", "spark.driver.host", "127.0.0.1");

  @TempDir static Path folder;
  private static String expected;
  private final Random random = new Random(SEED);
  private final List<Process> started = new ArrayList<>();

  @BeforeAll
  static void dataAndTheUndisturbedRun() throws Exception {
    List<String> nothing = new ArrayList<>(TrainingDriver.OTHER_NAMESPACE);
    nothing.add("true");
    assumeTrue(
        succeeds(nothing), "skipped: this user may not make a PID namespace, which takes root");
    String book =
        Files.readString(Path.of("src/main/resources/org/uiospark/jobs/quickstart/books/emma.txt"));
    Path text = Files.writeString(folder.resolve("book.txt"), book.substring(2000, 12_000));
    PrepSettings preparation =
        new PrepSettings(
            List.of(text.toString()),
            folder.resolve("data").toString(),
            TrainingDriver.MODEL + "/tokenizer.json",
            Objective.LM,
            new Cutting(32, 8, 2, 0),
            new TextReading(RecordFields.ofText("text"), 0.001),
            Repeats.DROPPED,
            2_000_000,
            0.01);
    try (SparkSession spark = LocalSpark.start(1)) {
      new PrepJob(spark, preparation).run();
    }
    TrainingDriver undisturbed = driver("undisturbed");
    undisturbed.awaitDone(undisturbed.start(LOCAL));
    expected = undisturbed.sum();
  }

  private static boolean succeeds(List<String> command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static TrainingDriver driver(String name) {
    return new TrainingDriver(folder.resolve("data"), folder.resolve(name), STEPS, 1);
  }

  @AfterEach
  void endAll() {
    // A driver that is left in its namespace goes with the process that made that.
    started.forEach(Process::destroyForcibly);
  }

  /**
   * A driver in its namespace that has taken {@code steps} steps and is in the middle of another.
   */
  private ProcessHandle inMidRun(TrainingDriver driver, int steps) throws Exception {
    Process namespace = driver.startApart(LOCAL, LEASE, "--resume");
    started.add(namespace);
    while (driver.newestStep().orElse(0) < steps) {
      assertThat(namespace.isAlive()).as(driver::lines).isTrue();
      Thread.sleep(10);
    }
    Thread.sleep(random.nextInt(200));
    return namespace.children().findFirst().orElseThrow();
  }

  @Test
  void afterADriverThatWasKilledTheNextOneWaitsForTheLeaseAndGoesOn() throws Exception {
    TrainingDriver driver = driver("killed");
    // The second one's namespace may have the number of the first one's, as a container's may.
    for (int steps = 2; steps <= 4; steps += 2) {
      ProcessHandle killed = inMidRun(driver, steps);
      killed.destroyForcibly();
      killed.onExit().join();
      assertThat(driver.output().resolve("train.lock")).exists();
    }

    Process next = driver.start(LOCAL, LEASE, "--resume");
    started.add(next);
    driver.awaitDone(next);

    assertThat(driver.lines())
        .contains("cannot be seen from here: waiting 5 s at most for its lease")
        .contains("which was silent for 5 s");
    assertThat(driver.sum()).isEqualTo(expected);
    assertThat(driver.output().resolve("train.lock")).doesNotExist();
    assertThat(driver.output().resolve("train.lease")).doesNotExist();
  }

  @Test
  void whileADriverLivesAnotherOneThatCannotSeeItIsRefused() throws Exception {
    TrainingDriver driver =
        new TrainingDriver(folder.resolve("data"), folder.resolve("alive"), 100_000, 100_000);
    Process first = driver.startApart(LOCAL, LEASE);
    started.add(first);
    while (!Files.exists(driver.output().resolve("train.lock"))) {
      assertThat(first.isAlive()).as(driver::lines).isTrue();
      Thread.sleep(10);
    }

    Process second = driver.start(LOCAL, LEASE, "--resume");
    started.add(second);

    assertThat(second.waitFor()).as(driver::lines).isEqualTo(2);
    assertThat(first.isAlive()).as(driver::lines).isTrue();
    assertThat(driver.lines().lines().filter(line -> line.startsWith("uio: ")))
        .singleElement()
        .asString()
        .contains("is locked: process 1 on ", "writes it, renewed just now");
  }

  @Test
  void aDriverThatWakesAfterAnotherTookOverWritesNothingMore() throws Exception {
    TrainingDriver driver = driver("suspended");
    ProcessHandle suspended = inMidRun(driver, 2);
    Process namespace = started.get(0);
    assertThat(signal("STOP", suspended)).isTrue();
    Process next = driver.start(LOCAL, LEASE, "--resume");
    started.add(next);
    driver.awaitDone(next);
    assertThat(driver.sum()).isEqualTo(expected);
    Map<String, String> before = files(driver.output());

    assertThat(signal("CONT", suspended)).isTrue();

    assertThat(namespace.waitFor()).as(driver::lines).isEqualTo(2);
    assertThat(driver.lines().lines().filter(line -> line.startsWith("uio: ")))
        .singleElement()
        .asString()
        .contains("is no longer locked by this run: its train.lock was removed")
        .contains("nothing more is written");
    assertThat(files(driver.output())).isEqualTo(before);
  }

  private static boolean signal(String name, ProcessHandle process) throws InterruptedException {
    return succeeds(List.of("kill", "-" + name, Long.toString(process.pid())));
  }

  /** Sums of all files by name. */
  private static Map<String, String> files(Path output) throws Exception {
    Map<String, String> sums = new TreeMap<>();
    try (Stream<Path> tree = Files.walk(output)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        sums.put(file.toString(), Sha256.hex(Files.readAllBytes(file)));
      }
    }
    return sums;
  }
}
