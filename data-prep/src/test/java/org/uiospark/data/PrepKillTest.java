package org.uiospark.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.model.memory.TokenSequence;

/** The long form: {@code mvn verify -Duio.prep.kills=10 -Duio.prep.seed=N}. */
@Tag("cluster")
class PrepKillTest {
  private static final int KILLS = Integer.getInteger("uio.prep.kills", 3);
  private static final long SEED = Long.getLong("uio.prep.seed", 7);
  private static final int BOOKS = 16;

  @TempDir Path folder;

  @Test
  void killedAtRandomMomentsAndRunAgainItGivesTheSameRows() throws Exception {
    writeCorpus();
    Process undisturbed = start("undisturbed");
    assertThat(undisturbed.waitFor(180, TimeUnit.SECONDS)).isTrue();
    assertThat(undisturbed.exitValue()).as(log("undisturbed")).isZero();
    long millis =
        Long.parseLong(log("undisturbed").lines().reduce((a, b) -> b).orElseThrow().strip());

    Random random = new Random(SEED);
    int killed = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      int before = workFolders();
      Process process = start("disturbed");
      while (process.isAlive() && workFolders() == before) {
        Thread.sleep(5);
      }
      Thread.sleep((long) (random.nextDouble() * millis));
      process.destroyForcibly();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      killed += process.exitValue() == 0 ? 0 : 1;
    }
    assertThat(killed).as("kills that hit a run").isPositive();

    try (SparkSession spark = session()) {
      PrepSummary rest = new PrepJob(spark, settings("disturbed")).run();
      assertThat(rest.documents() + rest.skipped()).isEqualTo(BOOKS);
      SequenceDataSet expected = set("undisturbed");
      SequenceDataSet actual = set("disturbed");
      assertThat(rows(actual)).isEqualTo(rows(expected));
      assertThat(actual.description().files()).isEqualTo(expected.description().files());

      Files.copy(folder.resolve("in/book-00.txt"), folder.resolve("in/new.txt"));
      PrepSummary added = new PrepJob(spark, settings("disturbed")).run();
      assertThat(added.documents()).isEqualTo(1);
      assertThat(added.skipped()).isEqualTo(BOOKS);
      List<String> after = rows(set("disturbed"));
      assertThat(after.subList(0, rows(expected).size())).isEqualTo(rows(expected));
      assertThat(after.subList(rows(expected).size(), after.size()))
          .isNotEmpty()
          .allMatch(row -> row.startsWith("new.txt "));
    }
  }

  private void writeCorpus() throws IOException {
    Files.createDirectories(folder.resolve("in"));
    Files.write(folder.resolve("tokenizer.json"), resource("/tiny-llama/tokenizer.json"));
    String text = new String(resource("/text/tom-sawyer-excerpt.txt"), "UTF-8");
    for (int i = 0; i < BOOKS; i++) {
      Files.writeString(
          folder.resolve("in/book-%02d.txt".formatted(i)), text.substring(i * 1_000).repeat(2));
    }
  }

  /** Real processes: what a killed one leaves is what SIGKILL leaves. */
  private Process start(String output) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens") || argument.startsWith("-D"))
        .forEach(command::add);
    command.addAll(List.of("-Xmx1g", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Prepare.class.getName(), folder.toString(), output));
    return new ProcessBuilder(command)
        .redirectOutput(folder.resolve(output + ".out").toFile())
        .redirectError(folder.resolve(output + ".err").toFile())
        .start();
  }

  private String log(String output) throws IOException {
    return Files.readString(folder.resolve(output + ".err"))
        + Files.readString(folder.resolve(output + ".out"));
  }

  private int workFolders() throws IOException {
    Path output = folder.resolve("disturbed");
    if (!Files.exists(output)) {
      return 0;
    }
    try (var files = Files.list(output)) {
      return (int) files.filter(Files::isDirectory).count();
    }
  }

  private SequenceDataSet set(String output) {
    return SequenceDataSet.open(folder.resolve(output).toString(), new Configuration());
  }

  private static List<String> rows(SequenceDataSet set) {
    List<String> rows = new ArrayList<>();
    for (long i = 0; i < set.size(); i++) {
      TokenSequence row = set.sequence(i);
      rows.add(row.docId() + " " + row.offset() + " " + Arrays.toString(row.inputIds()));
    }
    return rows;
  }

  private PrepSettings settings(String output) {
    return settings(folder, output);
  }

  private static PrepSettings settings(Path folder, String output) {
    return new PrepSettings(
        List.of(folder.resolve("in").toString()),
        folder.resolve(output).toString(),
        folder.resolve("tokenizer.json").toString(),
        64,
        4,
        1,
        0,
        400_000,
        0.01);
  }

  private static SparkSession session() {
    return SparkSession.builder()
        .master("local[2]")
        .config("spark.ui.enabled", "false")
        .getOrCreate();
  }

  private static byte[] resource(String name) throws IOException {
    try (var in = PrepKillTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  /** A run of prep in a JVM of its own; prints its milliseconds. */
  static final class Prepare {
    private Prepare() {}

    public static void main(String[] arguments) throws IOException {
      try (SparkSession spark = session()) {
        PrepSettings settings = settings(Path.of(arguments[0]), arguments[1]);
        PrepSummary summary = new PrepJob(spark, settings).run();
        System.out.println((long) (summary.seconds() * 1000));
      }
    }
  }
}
