package org.uiospark.jobs.checkpoint;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.apache.hadoop.net.NetUtils;
import org.uiospark.jobs.process.ProcessIdentity;
import org.uiospark.model.input.InvalidInputException;

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
    ProcessIdentity own = ProcessIdentity.of(ProcessHandle.current());
    return new LockHolder(
        UUID.randomUUID().toString(),
        NetUtils.getLocalHostname(),
        own.machine(),
        own.pid(),
        own.since().toString());
  }

  /** Whether it still runs, as far as this process can see. */
  Life life() {
    ProcessIdentity process = new ProcessIdentity(machine, pid, Instant.parse(since));
    if (!process.isOnThisMachine()) {
      return Life.UNKNOWN;
    }
    return process.running().isPresent() ? Life.ALIVE : Life.ENDED;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "process %d on %s, since %s", pid, host, since);
  }
}
