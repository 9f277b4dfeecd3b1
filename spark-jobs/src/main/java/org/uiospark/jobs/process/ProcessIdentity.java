package org.uiospark.jobs.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.apache.hadoop.net.NetUtils;

/**
 * A process, told from others that the system gives its number to.
 *
 * @param machine where {@code pid} means the same process: a boot of a kernel and a PID namespace
 * @param pid of the process
 * @param since a moment at which it ran
 */
public record ProcessIdentity(String machine, long pid, Instant since) {
  /**
   * The time by which a clock may be set after {@code since}: the system counts from its boot, and
   * each JVM makes a time of that with the clock as it finds it.
   */
  private static final Duration SLACK = Duration.ofMinutes(1);

  /** The identity of a process that runs on this machine now. */
  public static ProcessIdentity of(ProcessHandle process) {
    return new ProcessIdentity(
        thisMachine(), process.pid(), Instant.now().truncatedTo(ChronoUnit.SECONDS));
  }

  /** Whether this process can see that one, if it runs. */
  public boolean isOnThisMachine() {
    return machine.equals(thisMachine());
  }

  /** The process while it runs; empty once it has ended, and where it is of another machine. */
  public Optional<ProcessHandle> running() {
    return isOnThisMachine() ? ProcessHandle.of(pid).filter(this::isIt) : Optional.empty();
  }

  /** A process that started later has only inherited the number. */
  private boolean isIt(ProcessHandle process) {
    Instant latest = since.plus(SLACK);
    return process.isAlive()
        && !isDefunct(process.pid())
        && process.info().startInstant().filter(start -> start.isAfter(latest)).isEmpty();
  }

  /**
   * Whether it was killed, and its parent has not asked for its status yet; a container may have
   * none that does.
   */
  private static boolean isDefunct(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      // The name before the state may hold anything, parentheses too.
      return stat.startsWith(") Z", stat.lastIndexOf(')'));
    } catch (IOException e) {
      // This is no Linux, or the process is gone this moment; isAlive has to do.
      return false;
    }
  }

  /** Containers may share a host name and have a process 1 each. */
  private static String thisMachine() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip()
          + " "
          + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
    } catch (IOException e) {
      // This is no Linux; a host name is the best there is.
      return NetUtils.getLocalHostname();
    }
  }
}
