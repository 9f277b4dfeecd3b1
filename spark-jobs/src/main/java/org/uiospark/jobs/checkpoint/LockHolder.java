package org.uiospark.jobs.checkpoint;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.uiospark.model.InvalidInputException;

/**
 * Who holds a lock, as {@code train.lock} tells it.
 *
 * @param id of this one lock
 * @param host for people
 * @param machine where {@code pid} means the same process: a boot of a kernel and a PID namespace
 * @param pid of the process
 * @param since when it took the lock, ISO 8601
 */
record LockHolder(String id, String host, String machine, long pid, String since) {
  /** By which a clock may be set between the start of a process and its lock. */
  private static final Duration SLACK = Duration.ofMinutes(1);

  enum Life {
    ALIVE,
    ENDED,
    UNKNOWN
  }

  LockHolder {
    if (id == null || host == null || machine == null || since == null) {
      throw new InvalidInputException("id, host, machine and since must be there");
    }
    try {
      Instant.parse(since);
    } catch (DateTimeException e) {
      throw new InvalidInputException("since is no time: " + since, e);
    }
  }

  static LockHolder thisProcess() {
    String host = hostName();
    return new LockHolder(
        UUID.randomUUID().toString(),
        host,
        machine(host),
        ProcessHandle.current().pid(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  /** Whether it still runs, as far as this process can see. */
  Life life() {
    if (!machine.equals(machine(hostName()))) {
      return Life.UNKNOWN;
    }
    return ProcessHandle.of(pid).filter(this::isIt).isPresent() ? Life.ALIVE : Life.ENDED;
  }

  /** A process that started after the lock was taken has only inherited the number. */
  private boolean isIt(ProcessHandle process) {
    Instant latest = Instant.parse(since).plus(SLACK);
    return process.isAlive()
        && !isDefunct(process.pid())
        && process.info().startInstant().filter(start -> start.isAfter(latest)).isEmpty();
  }

  /**
   * Killed, but its parent has not asked for its status yet; a container may have none that does.
   */
  private static boolean isDefunct(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      // The name before the state may hold anything, parentheses too.
      return stat.startsWith(") Z", stat.lastIndexOf(')'));
    } catch (IOException e) {
      // No Linux, or gone this moment; isAlive has to do.
      return false;
    }
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "an unknown host";
    }
  }

  /** Containers may share a host name and have a process 1 each. */
  private static String machine(String host) {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip()
          + " "
          + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
    } catch (IOException e) {
      // No Linux; a host name is the best there is.
      return host;
    }
  }

  @Override
  public String toString() {
    return "process %d on %s, since %s".formatted(pid, host, since);
  }
}
