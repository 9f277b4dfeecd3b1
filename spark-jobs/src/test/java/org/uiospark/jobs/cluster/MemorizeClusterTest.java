package org.uiospark.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.jobs.ChildJvm;
import org.uiospark.jobs.memory.MemorizedBooks;

/** Books that executors of a real standalone cluster memorize. */
@Tag("cluster")
class MemorizeClusterTest {
  private static final int WORKERS = 4;

  @TempDir static Path folder;
  private static LocalCluster cluster;
  private static Map<String, String> expected;

  @BeforeAll
  static void booksAndTheRunOfOneTask() throws Exception {
    Path books = Files.createDirectory(folder.resolve("books"));
    Files.writeString(books.resolve("long.txt"), MemorizedBooks.book(2_000, 30_000));
    Files.writeString(books.resolve("other.txt"), MemorizedBooks.book(30_000, 34_000));
    Files.writeString(books.resolve("short.txt"), "The boy ran home.");
    Path adapter = MemorizedBooks.adapter(folder.resolve("adapter"), 0.05);
    MemorizedBooks.run(1, MemorizedBooks.settings(adapter, books, folder.resolve("one")));
    expected = MemorizedBooks.files(folder.resolve("one"));
    cluster =
        new LocalCluster(
            new ClusterSettings(folder.resolve("cluster"), WORKERS, 1, 1L << 30, 0, 0),
            folder,
            ClusterTest.sparkHome(folder));
    cluster.start();
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.stop();
    }
  }

  private static Process start(String output, int executors) throws IOException {
    List<String> command = new ArrayList<>(ChildJvm.command("1g"));
    TrainingDriver.on(cluster, executors)
        .forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.addAll(
        List.of(
            "org.uiospark.jobs.Main",
            "memorize",
            "--model=" + TrainingDriver.MODEL,
            "--adapter=" + folder.resolve("adapter"),
            "--memory-tokens=4",
            "--input=" + folder.resolve("books"),
            "--output=" + folder.resolve(output)));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log(output).toFile())
        .start();
  }

  private static Path log(String output) {
    return folder.resolve(output + ".log");
  }

  private static void assertTheSame(Process process, String output) throws Exception {
    int status = process.waitFor();
    assertThat(status).as(() -> log(output).toString()).isZero();
    assertThat(MemorizedBooks.files(folder.resolve(output))).hasSize(3).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void anyNumberOfExecutorsGivesTheSameBytes(int executors) throws Exception {
    String output = "executors-" + executors;
    assertTheSame(start(output, executors), output);
  }

  @Test
  void anExecutorThatIsKilledLeavesTheSameBytes() throws Exception {
    Process process = start("killed", 2);
    // Rows of pieces lie there as soon as tasks have encoded them.
    while (process.isAlive() && rows() == 0) {
      Thread.sleep(5);
    }
    assertThat(process.isAlive()).as(() -> log("killed").toString()).isTrue();
    ClusterTest.kill(folder.resolve("cluster"), new Random(1));
    assertTheSame(process, "killed");
  }

  private static long rows() throws IOException {
    Path output = folder.resolve("killed");
    if (!Files.exists(output)) {
      return 0;
    }
    try (var all = Files.walk(output)) {
      return all.filter(file -> file.getFileName().toString().startsWith("rows-")).count();
    } catch (UncheckedIOException e) {
      // A temporary file went while they were listed: the next look tells.
      return 0;
    }
  }
}
