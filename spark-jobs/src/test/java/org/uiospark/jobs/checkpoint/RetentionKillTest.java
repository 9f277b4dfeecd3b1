package org.uiospark.jobs.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.ChildJvm;
import org.uiospark.jobs.checkpoint.CheckpointStatus.State;
import org.uiospark.jobs.lock.OutputLock;
import org.uiospark.jobs.settings.RetentionSettings;

/**
 * A process that writes and deletes checkpoints as fast as it can, killed with SIGKILL again and
 * again. The long form: {@code -Duio.kills=50}, with {@code -Duio.seed=N} for other moments.
 */
@Tag("cluster")
class RetentionKillTest {
  private static final int KILLS = Integer.getInteger("uio.kills", 6);
  private static final long SEED = Long.getLong("uio.seed", 1);
  private static final int LAST = 2;
  private static final int EVERY = 10;
  private static final long BEST = 7;
  private static final long START = 5;

  @TempDir Path folder;

  @Test
  void wheneverItIsKilledTheNewestLoadsAndNothingDoubtfulIsGone() throws Exception {
    CheckpointStore store = store(output());
    store.save(checkpoint(START, 7), Losses.UNKNOWN);
    Map<Path, String> doubtful = plantDoubtful(store);
    Random random = new Random(SEED);
    int cut = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      Process process = start();
      awaitSaid(process, 1);
      long begin = System.nanoTime();
      int more = 1 + random.nextInt(4);
      awaitSaid(process, 1 + more);
      // Anywhere within one more checkpoint, however long the machine takes for it.
      long checkpoint = (System.nanoTime() - begin) / more;
      Thread.sleep(Duration.ofNanos((long) (random.nextDouble() * checkpoint)).toMillis());
      process.destroyForcibly().waitFor();

      // What was said to be written is there, and whole.
      long newest = store.latestWhole().orElseThrow().state().step();
      assertThat(newest).isGreaterThanOrEqualTo(lastCommitted());
      for (CheckpointStatus status : store.statuses()) {
        if (status.step() > START && !status.is(State.WHOLE)) {
          cut++;
          assertThat(status.is(State.DELETED) || status.step() == newest + 1)
              .as("%s, newest %d", status, newest)
              .isTrue();
        }
      }
      assertThat(contents(doubtful)).isEqualTo(doubtful);
    }

    long last = store.latestWhole().orElseThrow().state().step() + 1;
    try (CheckpointWriter writer = writer(store)) {
      writer.write(() -> checkpoint(last, 7), losses(last));
    }
    assertThat(contents(doubtful)).isEqualTo(doubtful);
    TreeSet<Long> expected = new TreeSet<>(List.of(1L, 2L, 3L, BEST, last - 1, last));
    for (long step = EVERY; step <= last; step += EVERY) {
      expected.add(step);
    }
    assertThat(new TreeSet<>(store.steps())).isEqualTo(expected);
    System.out.printf(
        Locale.ROOT, "%d kills within %d checkpoints; %d cut short%n", KILLS, last - START, cut);
  }

  /** A torn one, a damaged one and one of another run, each older than all that is written. */
  private Map<Path, String> plantDoubtful(CheckpointStore store) throws IOException {
    for (long step = 1; step <= 3; step++) {
      store.save(checkpoint(step, step == 3 ? 8 : 7), Losses.UNKNOWN);
    }
    Files.delete(step(1).resolve(Manifest.NAME));
    Path adapter = step(2).resolve("adapter.safetensors");
    byte[] bytes = Files.readAllBytes(adapter);
    bytes[bytes.length - 1] ^= 1;
    Files.write(adapter, bytes);
    Map<Path, String> planted = new HashMap<>();
    for (long step = 1; step <= 3; step++) {
      try (var files = Files.list(step(step))) {
        files.forEach(file -> planted.put(file, ""));
      }
    }
    return contents(planted);
  }

  private static Map<Path, String> contents(Map<Path, String> of) throws IOException {
    Map<Path, String> contents = new HashMap<>();
    for (Path file : of.keySet()) {
      contents.put(file, Files.readString(file, StandardCharsets.ISO_8859_1));
    }
    return contents;
  }

  private Path output() {
    return folder.resolve("run");
  }

  private Path step(long step) {
    return output().resolve("checkpoints/step-" + step);
  }

  private Process start() throws IOException {
    List<String> command = ChildJvm.command("256m");
    command.addAll(List.of(Writing.class.getName(), output().toString()));
    return new ProcessBuilder(command)
        .redirectOutput(folder.resolve("out").toFile())
        .redirectError(folder.resolve("err").toFile())
        .start();
  }

  private String log(String name) {
    try {
      return Files.readString(folder.resolve(name));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private void awaitSaid(Process process, int lines) throws InterruptedException {
    while (log("out").chars().filter(c -> c == '\n').count() < lines) {
      assertThat(process.isAlive()).as(() -> log("err")).isTrue();
      Thread.sleep(5);
    }
  }

  private long lastCommitted() {
    String out = log("out");
    return out.substring(0, out.lastIndexOf('\n'))
        .lines()
        .mapToLong(Long::parseLong)
        .max()
        .orElse(0);
  }

  private static CheckpointStore store(Path output) {
    return new CheckpointStore(OutputFolder.of(output.toString(), new Configuration()));
  }

  private static CheckpointWriter writer(CheckpointStore store) {
    return new CheckpointWriter(store, new RetentionSettings(LAST, EVERY, 1));
  }

  private static Losses losses(long step) {
    return new Losses(1.0, (double) Math.abs(step - BEST));
  }

  private static Checkpoint checkpoint(long step, long seed) {
    Checkpoint of = CheckpointStoreTest.checkpoint(step);
    TrainerState state =
        new TrainerState(
            TrainerState.FORMAT_VERSION, step, seed, "model", "data", Map.of(), Map.of());
    return new Checkpoint(of.config(), of.adapter(), of.firstMoment(), of.secondMoment(), state);
  }

  /** Goes on from the newest for ever; says each step once it is committed. */
  static final class Writing {
    private Writing() {}

    public static void main(String[] arguments) {
      Path output = Path.of(arguments[0]);
      CheckpointStore store = store(output);
      OutputFolder folder = OutputFolder.of(output.toString(), new Configuration());
      try (OutputLock lock = OutputLock.acquire(folder, Duration.ofMinutes(1));
          CheckpointWriter writer = writer(store)) {
        long step = store.latestWhole().orElseThrow().state().step();
        while (true) {
          long next = ++step;
          lock.requireHeld();
          // Returns when the one before is whole and what that superseded is deleted.
          writer.write(() -> checkpoint(next, 7), losses(next));
          System.out.println(next - 1);
        }
      }
    }
  }
}
