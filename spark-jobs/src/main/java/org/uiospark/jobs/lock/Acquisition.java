package org.uiospark.jobs.lock;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.model.input.InvalidInputException;

/**
 * How a process gets a lock: it creates it, after it took it from a holder that has ended. Where it
 * cannot see whether that one has, it waits for its lease.
 *
 * @param files of the lock
 * @param own whom they shall name
 * @param clock what the lease is waited for by
 */
record Acquisition(LockFiles files, LockHolder own, LeaseClock clock) {
  private static final Logger LOG = LoggerFactory.getLogger(Acquisition.class);

  /**
   * Takes the lock.
   *
   * @return it, not yet renewed by itself
   * @throws InvalidInputException naming who holds it, since when, and what to do
   */
  Lease take() throws IOException {
    Lease lease = new Lease(files, own, clock, clock.nanos());
    return files.create(own) ? lease : takeOver();
  }

  private Lease takeOver() throws IOException {
    Optional<LockHolder> other = files.holder();
    boolean silent = other.isPresent() && hasEnded(other.get());
    if (silent && files.holder().equals(other)) {
      files.delete();
    }
    Lease lease = new Lease(files, own, clock, clock.nanos());
    if (!files.create(own)) {
      throw takenJustNow();
    }
    if (silent && other.get().life() == LockHolder.Life.UNKNOWN) {
      // Whoever waited as well may have deleted this lock for the one that both waited for.
      clock.sleep(Lease.settling(own));
      if (!lease.isHeld()) {
        throw takenJustNow();
      }
    }
    return lease;
  }

  /** False if it has let go meanwhile. */
  private boolean hasEnded(LockHolder other) throws IOException {
    switch (other.life()) {
      case ENDED -> {
        LOG.warn("Taking over the lock of {}, which has ended", other);
        return true;
      }
      case ALIVE -> throw inUse(other + " writes it; wait until that ends, or stop it");
      default -> {
        if (other.leaseSeconds() == 0) {
          throw inUse(
              other
                  + " wrote it; if that has ended, run ./submit.sh checkpoints unlock --output "
                  + files.output().root());
        }
        return isSilent(other);
      }
    }
  }

  /** False if it has let go meanwhile. */
  private boolean isSilent(LockHolder other) throws IOException {
    LOG.warn(
        "{} holds the lock of {}, and cannot be seen from here: waiting {} s at most for its lease, which it"
            + " renews if it is alive",
        other,
        files.output().root(),
        other.leaseSeconds());
    long seen = files.renewals(other);
    long end = clock.nanos() + other.lease().toNanos();
    Duration pause = other.lease().dividedBy(60);
    while (true) {
      // The last look comes after the end.
      boolean over = clock.nanos() - end >= 0;
      Optional<LockHolder> now = files.holder();
      if (now.isEmpty()) {
        return false;
      }
      if (!now.get().equals(other)) {
        throw takenJustNow();
      }
      if (files.renewals(other) != seen) {
        throw inUse(other + " writes it, renewed just now; wait until that ends, or stop it");
      }
      if (over) {
        LOG.warn(
            "Taking over the lock of {}, which was silent for {} s", other, other.leaseSeconds());
        return true;
      }
      clock.sleep(pause);
    }
  }

  private InvalidInputException takenJustNow() {
    return inUse("another process took it just now; wait until it ends");
  }

  private InvalidInputException inUse(String why) {
    return new InvalidInputException(
        String.format(
            Locale.ROOT,
            "output %s is locked: %s, or name another --output",
            files.output().root(),
            why));
  }
}
