package org.uiospark.jobs.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.model.input.InvalidInputException;

class OutputLockTest {
  private static final Duration LEASE = Duration.ofMinutes(1);

  @TempDir Path output;

  private OutputFolder folder() {
    return OutputFolder.of(output.toString(), new Configuration());
  }

  private OutputLock acquire() {
    return OutputLock.acquire(folder(), LEASE);
  }

  private Path file() {
    return output.resolve("train.lock");
  }

  private void lockedBy(LockHolder holder) throws IOException {
    Files.write(file(), holder.json());
  }

  private static LockHolder here(long pid, String since) {
    return new LockHolder("id", "box", LockHolder.thisProcess(LEASE).machine(), pid, since, 60);
  }

  @Test
  void aSecondWriterIsRefusedWhileTheFirstLivesAndMayAfterIt() {
    try (OutputLock first = acquire()) {
      assertThatThrownBy(() -> acquire())
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("is locked: process " + ProcessHandle.current().pid() + " on ")
          .hasMessageContaining("since 20")
          .hasMessageContaining("wait until that ends, or stop it, or name another --output");
      assertThatCode(first::requireHeld).doesNotThrowAnyException();
      assertThatThrownBy(() -> OutputLock.unlock(folder()))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("stop it first");
    }

    assertThat(file()).doesNotExist();
    acquire().close();
  }

  @Test
  void ofManyAtOnceOneWins() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Callable<OutputLock>> tries = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      tries.add(
          () -> {
            try {
              return acquire();
            } catch (InvalidInputException e) {
              return null;
            }
          });
    }
    List<OutputLock> won = new ArrayList<>();
    for (Future<OutputLock> one : threads.invokeAll(tries)) {
      if (one.get() != null) {
        won.add(one.get());
      }
    }
    threads.shutdown();

    assertThat(won).hasSize(1);
    won.get(0).requireHeld();
  }

  @Test
  void theLockOfAnEndedProcessOfThisMachineIsTakenOver() throws Exception {
    Process ended = new ProcessBuilder(java(), "-version").start();
    ended.waitFor();
    lockedBy(here(ended.pid(), "2026-01-01T00:00:00Z"));

    try (OutputLock lock = acquire()) {
      lock.requireHeld();
    }
  }

  @Test
  void aProcessThatOnlyInheritedTheNumberDoesNotHoldIt() throws Exception {
    lockedBy(here(ProcessHandle.current().pid(), "2001-01-01T00:00:00Z"));

    acquire().close();
  }

  @Test
  void aLockWithoutALeaseOfAnotherMachineIsRefusedUntilItIsUnlocked() throws Exception {
    // As the version before wrote it.
    Files.writeString(
        file(),
        """
        {"id":"a","host":"box-7","machine":"another boot","pid":4711,"since":"2026-01-02T03:04:05Z"}""");

    assertThatThrownBy(() -> acquire())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("process 4711 on box-7, since 2026-01-02T03:04:05Z wrote it")
        .hasMessageContaining("if that has ended, run ./submit.sh checkpoints unlock --output");
    assertThat(OutputLock.unlock(folder())).get().asString().contains("process 4711 on box-7");
    assertThat(OutputLock.unlock(folder())).isEmpty();
    acquire().close();
  }

  @Test
  void aLockThatCannotBeReadIsRefusedUntilItIsUnlocked() throws Exception {
    for (String content : List.of("", "{\"id\":", "[]", "{\"id\":\"x\"}", endless())) {
      Files.writeString(file(), content);

      assertThatThrownBy(() -> acquire())
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("train.lock")
          .hasMessageContaining("checkpoints unlock");
      assertThat(OutputLock.unlock(folder())).contains("an unknown process");
    }
  }

  private static String endless() {
    return """
        {"id":"a","host":"b","machine":"c","pid":1,"since":"2026-01-02T03:04:05Z","lease_seconds":-1}""";
  }

  @Test
  void aContainerThatStartedAgainWithTheNumbersOfTheLastOneIsNotThatOne() throws Exception {
    lockedBy(here(ProcessHandle.current().pid(), Instant.now().toString()));

    acquire().close();
  }

  @Test
  void whoeverLostTheLockIsToldAndLeavesTheOtherAlone() throws Exception {
    OutputLock lock = acquire();
    Files.delete(file());
    assertThatThrownBy(lock::requireHeld)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("no longer locked by this run");

    lockedBy(here(1, "2026-01-01T00:00:00Z"));
    assertThatThrownBy(lock::requireHeld).hasMessageContaining("nothing more is written");
    assertThat(lock.isLost()).isTrue();
    assertThatThrownBy(lock::requireNotLost).hasMessageContaining("nothing more is written");
    lock.close();
    assertThat(file()).exists();
  }

  @Test
  void anOutputThatWasMadeForNothingGoesWithTheLock() throws Exception {
    Path made = output.resolve("new");
    OutputLock.acquire(folder().child("new"), LEASE).close();
    assertThat(made).doesNotExist();

    try (OutputLock lock = OutputLock.acquire(folder().child("new"), LEASE)) {
      lock.requireHeld();
      Files.writeString(made.resolve("metrics.jsonl"), "");
    }
    assertThat(made.resolve("metrics.jsonl")).exists();
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }
}
