package org.uiospark.data.prep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.data.summary.PrepSummary;

/**
 * Runs of prep in processes of their own: killed, and side by side.
 *
 * <p>The long form: {@code mvn verify -Dtest=PrepKillTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Duio.prep.kills=10}, with {@code -Duio.prep.seed=N} for other moments.
 */
@Tag("cluster")
class PrepKillTest {
  private static final int KILLS = Integer.getInteger("uio.prep.kills", 4);
  private static final long SEED = Long.getLong("uio.prep.seed", 7);
  private static final int BOOKS = 16;

  @TempDir static Path folder;

  private static KilledRuns runs;

  @BeforeAll
  static void theUndisturbedRun() throws Exception {
    runs = new KilledRuns(folder);
    writeCorpus();
    assertThat(start("undisturbed", "undisturbed").waitFor())
        .as(() -> runs.log("undisturbed"))
        .isZero();
  }

  @Test
  void killedAtRandomMomentsAndRunAgainItGivesTheSameRows() throws Exception {
    long millis = runs.millis("undisturbed");
    System.out.printf(Locale.ROOT, "kills of prep: seed %d, a run takes %d ms%n", SEED, millis);
    List<String> outputs =
        runs.kill(
            KILLS,
            "killed",
            millis,
            new Random(SEED),
            output -> {
              Process process = start(output, output);
              awaitWorkFolder(process, output);
              return process;
            });
    try (SparkSession spark = PrepFixture.session(2)) {
      for (String output : outputs) {
        PrepSummary rest = new PrepJob(spark, settings(folder, output)).run();
        assertThat(rest.documents() + rest.skipped()).isEqualTo(BOOKS);
        runs.assertSame(output, "undisturbed");
      }
      Files.writeString(folder.resolve("in/new.txt"), PrepFixture.book().substring(50_000, 90_000));
      PrepSummary added = new PrepJob(spark, settings(folder, outputs.get(0))).run();
      assertThat(added.documents()).isEqualTo(1);
      assertThat(added.skipped()).isEqualTo(BOOKS);
      List<String> before = runs.rows("undisturbed");
      List<String> after = runs.rows(outputs.get(0));
      assertThat(after.subList(0, before.size())).isEqualTo(before);
      assertThat(after.subList(before.size(), after.size()))
          .isNotEmpty()
          .allMatch(row -> row.startsWith("new.txt "));
    } finally {
      Files.deleteIfExists(folder.resolve("in/new.txt"));
    }
  }

  @Test
  void aRunThatAnotherOneOvertakesSaysSoAndEndsWellWithNothingLeftToAdd() throws Exception {
    Process slow = start("overtaken", "overtaken");
    awaitWorkFolder(slow, "overtaken");
    signal(slow, "STOP");
    Process fast = start("overtaken", "fast");
    try {
      assertThat(fast.waitFor()).as(() -> runs.log("fast")).isZero();
    } finally {
      signal(slow, "CONT");
    }
    assertThat(slow.waitFor()).as(() -> runs.log("overtaken")).isZero();
    assertThat(runs.log("overtaken"))
        .contains("was changed meanwhile by another run of prep (process " + fast.pid() + " on ");
    runs.assertSame("overtaken", "undisturbed");
    try (var left = Files.list(folder.resolve("overtaken"))) {
      assertThat(left).noneMatch(Files::isDirectory);
    }
  }

  private static void writeCorpus() throws IOException {
    Files.createDirectories(folder.resolve("in"));
    Files.write(
        folder.resolve("tokenizer.json"), PrepFixture.resource("/tiny-llama/tokenizer.json"));
    String text = PrepFixture.book();
    for (int i = 0; i < BOOKS; i++) {
      Files.writeString(
          folder.resolve(String.format(Locale.ROOT, "in/book-%02d.txt", i)),
          text.substring(i * 1_000));
    }
  }

  private static Process start(String output, String log) throws IOException {
    return runs.start(log, Prepare.class, folder, output);
  }

  /** It has read the state of the output by then. */
  private static void awaitWorkFolder(Process process, String output) throws Exception {
    Set<String> before = workFolders(output);
    while (process.isAlive() && before.containsAll(workFolders(output))) {
      Thread.sleep(5);
    }
  }

  private static Set<String> workFolders(String output) throws IOException {
    Path path = folder.resolve(output);
    if (!Files.exists(path)) {
      return Set.of();
    }
    try (var files = Files.list(path)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(AtomicWrite.UNCOMMITTED) && !name.endsWith(".json"))
          .collect(Collectors.toSet());
    }
  }

  private static void signal(Process process, String name) throws Exception {
    String pid = Long.toString(process.pid());
    assertThat(new ProcessBuilder("kill", "-" + name, pid).start().waitFor()).isZero();
  }

  private static PrepSettings settings(Path folder, String output) {
    return new PrepSettings(
        List.of(folder.resolve("in").toString()),
        folder.resolve(output).toString(),
        folder.resolve("tokenizer.json").toString(),
        Objective.LM,
        new Cutting(64, 4, 1, 0),
        new TextReading(RecordFields.ofText("text"), 0.001),
        Repeats.DROPPED,
        200_000,
        0.01);
  }

  /** A run of prep in a JVM of its own; prints its milliseconds. */
  static final class Prepare {
    private Prepare() {}

    public static void main(String[] arguments) throws IOException {
      try (SparkSession spark = PrepFixture.session(2)) {
        PrepSettings settings = settings(Path.of(arguments[0]), arguments[1]);
        PrepSummary summary = new PrepJob(spark, settings).run();
        System.out.println((long) (summary.seconds() * 1000));
      }
    }
  }
}
