package org.uiospark.data.prep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.data.summary.PrepSummary;
import org.uiospark.model.segment.TokenSequence;

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

  /** What a process ends with after SIGKILL. */
  private static final int KILLED = 128 + 9;

  @TempDir static Path folder;

  @BeforeAll
  static void theUndisturbedRun() throws Exception {
    writeCorpus();
    assertThat(start("undisturbed").waitFor()).as(() -> log("undisturbed")).isZero();
  }

  @Test
  void killedAtRandomMomentsAndRunAgainItGivesTheSameRows() throws Exception {
    String printed = log("undisturbed").lines().reduce((a, b) -> b).orElseThrow();
    long millis = Long.parseLong(printed.strip());
    Random random = new Random(SEED);
    System.out.printf(Locale.ROOT, "kills of prep: seed %d, a run takes %d ms%n", SEED, millis);
    List<String> outputs = new ArrayList<>(List.of("killed-0"));
    int kills = 0;
    while (kills < KILLS) {
      String output = outputs.get(outputs.size() - 1);
      Process process = start(output);
      awaitWorkFolder(process, output);
      long moment = (long) (random.nextDouble() * millis);
      Thread.sleep(moment);
      process.destroyForcibly();
      assertThat(process.waitFor()).as(() -> log(output)).isIn(0, KILLED);
      boolean decided = Files.exists(folder.resolve(output).resolve("_commit-00000.json"));
      if (process.exitValue() == KILLED) {
        System.out.printf(
            Locale.ROOT,
            "killed after %d ms, %s the commit%n",
            moment,
            decided ? "after" : "before");
        kills++;
      }
      if (decided) {
        // A further run has nothing to do: let the next kills hit one that does.
        outputs.add("killed-" + outputs.size());
      }
    }
    try (SparkSession spark = PrepFixture.session(2)) {
      for (String output : outputs) {
        PrepSummary rest = new PrepJob(spark, settings(folder, output)).run();
        assertThat(rest.documents() + rest.skipped()).isEqualTo(BOOKS);
        assertSameAsUndisturbed(output);
      }
      Files.writeString(folder.resolve("in/new.txt"), PrepFixture.book().substring(50_000, 90_000));
      PrepSummary added = new PrepJob(spark, settings(folder, outputs.get(0))).run();
      assertThat(added.documents()).isEqualTo(1);
      assertThat(added.skipped()).isEqualTo(BOOKS);
      List<String> before = rows("undisturbed");
      List<String> after = rows(outputs.get(0));
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
    Process slow = start("overtaken");
    awaitWorkFolder(slow, "overtaken");
    signal(slow, "STOP");
    Process fast = start("overtaken", "fast");
    try {
      assertThat(fast.waitFor()).as(() -> log("fast")).isZero();
    } finally {
      signal(slow, "CONT");
    }
    assertThat(slow.waitFor()).as(() -> log("overtaken")).isZero();
    assertThat(log("overtaken"))
        .contains("was changed meanwhile by another run of prep (process " + fast.pid() + " on ");
    assertSameAsUndisturbed("overtaken");
    try (var left = Files.list(folder.resolve("overtaken"))) {
      assertThat(left).noneMatch(Files::isDirectory);
    }
  }

  private static void assertSameAsUndisturbed(String output) {
    assertThat(rows(output)).isEqualTo(rows("undisturbed"));
    // Sizes and SHA-256 of the files, so their bytes.
    assertThat(set(output).description().files())
        .isEqualTo(set("undisturbed").description().files());
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

  /** Real processes: what a killed one leaves is what SIGKILL leaves. */
  private static Process start(String output) throws IOException {
    return start(output, output);
  }

  private static Process start(String output, String log) throws IOException {
    List<String> command = jvm();
    command.addAll(List.of(Prepare.class.getName(), folder.toString(), output));
    return new ProcessBuilder(command)
        .redirectOutput(folder.resolve(log + ".out").toFile())
        .redirectError(folder.resolve(log + ".err").toFile())
        .start();
  }

  /** A JVM as this one, up to the main class. */
  static List<String> jvm() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens") || argument.startsWith("-D"))
        .forEach(command::add);
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.add("-Dlog4j2.configurationFile=../conf/log4j2.properties");
    command.addAll(List.of("-Xmx1g", "-cp", System.getProperty("java.class.path")));
    return command;
  }

  private static String log(String name) {
    try {
      return Files.readString(folder.resolve(name + ".err"))
          + Files.readString(folder.resolve(name + ".out"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

  private static SequenceDataSet set(String output) {
    return SequenceDataSet.open(folder.resolve(output).toString(), new Configuration());
  }

  private static List<String> rows(String output) {
    SequenceDataSet set = set(output);
    List<String> rows = new ArrayList<>();
    for (long i = 0; i < set.size(); i++) {
      TokenSequence row = set.sequence(i);
      rows.add(row.docId() + " " + row.offset() + " " + Arrays.toString(row.inputIds()));
    }
    return rows;
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
