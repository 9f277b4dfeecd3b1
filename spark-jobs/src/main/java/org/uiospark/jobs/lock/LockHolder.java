package org.uiospark.jobs.lock;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.net.NetUtils;
import org.uiospark.jobs.process.ProcessIdentity;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;

/**
 * Who holds a lock, as {@code train.lock} tells it.
 *
 * @param id of this one lock
 * @param host for people
 * @param machine where {@code pid} means the same process: a boot of a kernel and a PID namespace
 * @param pid of the process
 * @param since when it took the lock, ISO 8601
 * @param leaseSeconds a holder that was silent for so long has lost the lock; 0 for one of a
 *     version that gave no sign of life
 */
@JsonNaming(SnakeCaseStrategy.class)
record LockHolder(
    String id, String host, String machine, long pid, String since, int leaseSeconds) {
  private static final String LEASE = "lease_seconds";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Begins the id of every lock of this process. */
  private static final String THIS_JVM = UUID.randomUUID() + "/";

  private static final AtomicLong LOCKS = new AtomicLong();

  enum Life {
    ALIVE,
    ENDED,
    UNKNOWN
  }

  LockHolder {
    if (id == null || host == null || machine == null || since == null) {
      throw new InvalidInputException("id, host, machine and since must be there");
    }
    if (leaseSeconds < 0) {
      throw new InvalidInputException(LEASE + " is below 0: " + leaseSeconds);
    }
    try {
      Instant.parse(since);
    } catch (DateTimeException e) {
      throw new InvalidInputException("since is no time: " + since, e);
    }
  }

  static LockHolder thisProcess(Duration lease) {
    ProcessIdentity own = ProcessIdentity.of(ProcessHandle.current());
    return new LockHolder(
        THIS_JVM + LOCKS.incrementAndGet(),
        NetUtils.getLocalHostname(),
        own.machine(),
        own.pid(),
        own.since().toString(),
        Math.toIntExact(lease.toSeconds()));
  }

  /**
   * Reads it.
   *
   * @param origin the file, for messages
   * @throws InvalidInputException if the content is no lock
   */
  static LockHolder of(String origin, byte[] json) throws IOException {
    JsonNode lock = InputJson.object(origin, json);
    if (lock.has(LEASE)) {
      return InputJson.record(origin, json, LockHolder.class);
    }
    ((ObjectNode) lock).put(LEASE, 0);
    return InputJson.record(origin, JSON.writeValueAsBytes(lock), LockHolder.class);
  }

  byte[] json() throws IOException {
    return JSON.writeValueAsBytes(this);
  }

  Duration lease() {
    return Duration.ofSeconds(leaseSeconds);
  }

  /** Whether it still runs, as far as this process can see. */
  Life life() {
    ProcessIdentity process = new ProcessIdentity(machine, pid, Instant.parse(since));
    if (!process.isOnThisMachine()) {
      return Life.UNKNOWN;
    }
    // A container that is started again may get its numbers again, that of its namespace too.
    boolean hadNumberOfThis = pid == ProcessHandle.current().pid() && !id.startsWith(THIS_JVM);
    return process.running().isPresent() && !hadNumberOfThis ? Life.ALIVE : Life.ENDED;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "process %d on %s, since %s", pid, host, since);
  }
}
