package org.uiospark.jobs.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.jobs.ChildJvm;

/**
 * Processes of memorize that are killed with SIGKILL at random moments, and run again. The long
 * form: {@code -Duio.kills=20}, with {@code -Duio.seed=N} for other moments.
 */
@Tag("cluster")
class MemorizeKillTest {
  private static final int KILLS = Integer.getInteger("uio.kills", 4);
  private static final long SEED = Long.getLong("uio.seed", 1);

  /** What a process ends with after SIGKILL. */
  private static final int KILLED = 128 + 9;

  @TempDir Path folder;

  @Test
  void killedAndRunAgainItLeavesTheSameBytes() throws Exception {
    Path books = Files.createDirectory(folder.resolve("books"));
    for (int i = 0; i < 8; i++) {
      Files.writeString(
          books.resolve(i + ".txt"), MemorizedBooks.book(3_000 * i, 3_000 * i + 500 + 1_500 * i));
    }
    MemorizedBooks.adapter(folder.resolve("adapter"), 0.05);
    long begin = System.nanoTime();
    assertThat(start("undisturbed").waitFor()).isZero();
    long millis = (System.nanoTime() - begin) / 1_000_000;
    Map<String, String> expected = MemorizedBooks.files(folder.resolve("undisturbed"));
    assertThat(expected).hasSize(8);
    Random random = new Random(SEED);
    int kills = 0;
    for (int round = 0; kills < KILLS; round++) {
      String output = "killed-" + round / 2;
      Process process = start(output);
      // The first third is a JVM and a Spark that start.
      Thread.sleep(millis / 3 + (long) (random.nextDouble() * millis * 2 / 3));
      process.destroyForcibly();
      int status = process.waitFor();
      assertThat(status).isIn(0, KILLED);
      kills += status == KILLED ? 1 : 0;
      System.out.printf(Locale.ROOT, "%s: status %d, %d files%n", output, status, left(output));
      // What is there under a name is whole, also where no index names it yet.
      assertThat(expected).containsAllEntriesOf(files(output));
    }
    for (int output = 0; Files.exists(folder.resolve("killed-" + output)); output++) {
      assertThat(start("killed-" + output).waitFor()).isZero();
      assertThat(files("killed-" + output)).isEqualTo(expected);
    }
  }

  private Map<String, String> files(String output) throws IOException {
    Path path = folder.resolve(output);
    return Files.exists(path) ? MemorizedBooks.files(path) : Map.of();
  }

  private int left(String output) throws IOException {
    return files(output).size();
  }

  private Process start(String output) throws IOException {
    List<String> command = new ArrayList<>(ChildJvm.command("1g"));
    command.addAll(List.of(Run.class.getName(), folder.toString(), output));
    return new ProcessBuilder(command)
        .redirectOutput(folder.resolve(output + ".out").toFile())
        .redirectError(folder.resolve(output + ".err").toFile())
        .start();
  }

  /** A run in a JVM of its own. */
  static final class Run {
    private Run() {}

    public static void main(String[] arguments) {
      Path folder = Path.of(arguments[0]);
      MemorizedBooks.run(
          2,
          MemorizedBooks.settings(
              folder.resolve("adapter"), folder.resolve("books"), folder.resolve(arguments[1])),
          100);
    }
  }
}
