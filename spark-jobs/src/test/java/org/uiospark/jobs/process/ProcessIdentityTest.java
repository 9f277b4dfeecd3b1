package org.uiospark.jobs.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@Timeout(60)
class ProcessIdentityTest {
  private static final ProcessHandle THIS = ProcessHandle.current();

  private static ProcessIdentity seenBeforeItsStart(Duration by) {
    Instant start = THIS.info().startInstant().orElseThrow();
    return new ProcessIdentity(ProcessIdentity.of(THIS).machine(), THIS.pid(), start.minus(by));
  }

  @Test
  void aProcessThatRunsIsFound() {
    assertThat(ProcessIdentity.of(THIS).running()).contains(THIS);
  }

  @Test
  void aStartThatAnotherJvmReadsASecondLaterIsOfTheSameProcess() {
    assertThat(seenBeforeItsStart(Duration.ofSeconds(1)).running()).contains(THIS);
  }

  @Test
  void aProcessThatStartedLaterHasOnlyInheritedTheNumber() {
    assertThat(seenBeforeItsStart(Duration.ofHours(1)).running()).isEmpty();
  }

  @Test
  void theSameNumberOnAnotherMachineIsAnotherProcess() {
    ProcessIdentity elsewhere = new ProcessIdentity("another boot", THIS.pid(), Instant.now());

    assertThat(elsewhere.isOnThisMachine()).isFalse();
    assertThat(elsewhere.running()).isEmpty();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aProcessThatNobodyAskedForItsStatusHasEnded() throws Exception {
    // The shell becomes a sleep, which never asks for the status of what the shell started.
    Process parent = new ProcessBuilder("sh", "-c", "sleep 600 & echo $!; exec sleep 600").start();
    try {
      byte[] said = new byte[32];
      int length = parent.getInputStream().read(said);
      long pid = Long.parseLong(new String(said, 0, length, StandardCharsets.US_ASCII).strip());
      ProcessHandle child = ProcessHandle.of(pid).orElseThrow();
      awaitInProc(parent.pid(), "comm", "sleep");
      child.destroyForcibly();
      awaitInProc(pid, "stat", ") Z");

      assertThat(ProcessIdentity.of(child).running()).isEmpty();
      assertThat(ProcessIdentity.of(parent.toHandle()).running()).contains(parent.toHandle());
    } finally {
      parent.descendants().forEach(ProcessHandle::destroyForcibly);
      parent.destroyForcibly().waitFor();
    }
  }

  private static void awaitInProc(long pid, String file, String text) throws Exception {
    while (!Files.readString(Path.of("/proc/" + pid, file)).contains(text)) {
      Thread.sleep(10);
    }
  }
}
