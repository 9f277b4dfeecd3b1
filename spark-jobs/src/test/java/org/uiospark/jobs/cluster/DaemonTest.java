package org.uiospark.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.jobs.process.ProcessIdentity;

class DaemonTest {
  @TempDir Path folder;

  @BeforeEach
  void logFolder() throws Exception {
    Files.createDirectory(folder.resolve("logs"));
  }

  private Daemon start(String name) {
    return Daemon.start(name, folder, Map.of(), List.of(), Sleeping.class.getName(), List.of());
  }

  private static Set<ProcessHandle> children() {
    return ProcessHandle.current().children().collect(Collectors.toSet());
  }

  @Test
  void itIsFoundInItsFolderUntilItIsStopped() {
    Daemon daemon = start("worker-1");
    try {
      assertThat(daemon.isAlive()).isTrue();
      assertThat(Daemon.running(folder)).containsExactly(daemon);
    } finally {
      daemon.stop(folder);
    }

    assertThat(daemon.isAlive()).isFalse();
    assertThat(Daemon.running(folder)).isEmpty();
    assertThat(folder.resolve("worker-1.pid")).doesNotExist();
  }

  @Test
  void aProcessThatCannotBeRecordedIsEnded() throws Exception {
    Files.createDirectory(folder.resolve("master.pid"));
    Set<ProcessHandle> before = children();

    assertThatThrownBy(() -> start("master")).isInstanceOf(UncheckedIOException.class);

    Set<ProcessHandle> left = children();
    left.removeAll(before);
    for (ProcessHandle process : left) {
      process.onExit().get(1, TimeUnit.MINUTES);
    }
  }

  @Test
  void aRecordThatIsNoneIsPassedOver() throws Exception {
    ProcessIdentity own = ProcessIdentity.of(ProcessHandle.current());
    for (String record :
        List.of(
            "",
            Long.toString(own.pid()),
            own.pid() + " " + own.since(),
            "one " + own.since() + " " + own.machine(),
            own.pid() + " today " + own.machine(),
            own.pid() + " " + Instant.EPOCH + " " + own.machine(),
            own.pid() + " " + own.since() + " another boot")) {
      Files.writeString(folder.resolve("master.pid"), record);

      assertThat(Daemon.running(folder)).as(record).isEmpty();
    }
  }

  /** Does nothing until it is ended. */
  static final class Sleeping {
    private Sleeping() {}

    public static void main(String[] arguments) throws InterruptedException {
      Thread.sleep(TimeUnit.MINUTES.toMillis(10));
    }
  }
}
