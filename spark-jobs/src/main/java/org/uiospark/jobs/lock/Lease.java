package org.uiospark.jobs.lock;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FSError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.model.input.InvalidInputException;

/**
 * Keeps a lock. A thread of its own renews it three times a lease, whatever the run does meanwhile.
 *
 * <p>Whoever waits for the lock takes it over after a whole lease without a renewal, by its own
 * clock. It began to wait when it saw the last one, which is later than the moment that this side
 * counts from: no two clocks have to agree.
 */
final class Lease implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);

  private final LockFiles files;
  private final LockHolder holder;
  private final LeaseClock clock;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread = new Thread(this::renewUntilClosed, "lease");
  private volatile long renewed;
  private volatile String loss = "";
  private long count;

  /**
   * @param taken a moment of the clock before the lock was created
   */
  Lease(LockFiles files, LockHolder holder, LeaseClock clock, long taken) {
    this.files = files;
    this.holder = holder;
    this.clock = clock;
    this.renewed = taken;
    thread.setDaemon(true);
  }

  /**
   * How long a run that took a lock over waits to see whether another did so at the same moment.
   */
  static Duration settling(LockHolder holder) {
    return holder.lease().dividedBy(30);
  }

  void start() {
    thread.start();
  }

  private void renewUntilClosed() {
    Duration pause = holder.lease().dividedBy(3);
    boolean failed = false;
    try {
      while (loss.isEmpty() && !closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        Optional<String> trouble = tryToRenew();
        if (trouble.isPresent() && !failed) {
          LOG.warn(
              "The lock of {} cannot be renewed: {}; that is tried again, and another run may take over"
                  + " {} s after the last renewal",
              files.output().root(),
              trouble.get(),
              holder.leaseSeconds());
        } else if (trouble.isEmpty() && failed) {
          LOG.info("The lock of {} is renewed again", files.output().root());
        }
        failed = trouble.isPresent();
        pause = holder.lease().dividedBy(failed ? 12 : 3);
      }
    } catch (InterruptedException e) {
      LOG.debug("Interrupted", e);
    }
    if (!loss.isEmpty()) {
      LOG.warn("This run stops after its step: {}", loss);
    }
  }

  private Optional<String> tryToRenew() {
    try {
      renew();
      return Optional.empty();
    } catch (IOException | RuntimeException | FSError e) {
      // The last one is how Hadoop passes on what a local disk says.
      LOG.debug("Not renewed", e);
      return Optional.of(e.toString());
    }
  }

  /** Gives a sign of life, unless the lock is lost. */
  synchronized void renew() throws IOException {
    if (isHeld()) {
      long begin = clock.nanos();
      files.renew(holder, ++count);
      renewed = begin;
    }
  }

  /** Asks the file system; a lock that was lost once is lost for good. */
  boolean isHeld() throws IOException {
    if (loss.isEmpty()) {
      Optional<LockHolder> now = files.holder();
      if (!now.equals(Optional.of(holder))) {
        loss =
            String.format(
                Locale.ROOT,
                "output %s is no longer locked by this run: %s; nothing more is written; see that one train runs, then --resume",
                files.output().root(),
                now.map(other -> other + " took it over")
                    .orElse("its " + LockFiles.LOCK + " was removed"));
      }
    }
    return loss.isEmpty();
  }

  boolean isLost() {
    return !loss.isEmpty();
  }

  /** Throws if the lock was seen to be lost; asks nobody. */
  void requireNotLost() {
    if (isLost()) {
      throw new InvalidInputException(loss);
    }
  }

  /**
   * Makes sure that the lock is held. A process that stood still for longer than its lease gives a
   * sign of life and waits for whoever may be taking over this moment.
   */
  void requireHeld() throws IOException {
    if (isHeld() && isOver()) {
      renew();
      clock.sleep(settling(holder));
      if (isHeld()) {
        LOG.warn(
            "The lock of {} was not renewed for {} s; nobody took it over",
            files.output().root(),
            holder.leaseSeconds());
      }
    }
    requireNotLost();
  }

  private boolean isOver() {
    return clock.nanos() - renewed > holder.lease().toNanos();
  }

  /** Ends the renewals. */
  @Override
  public void close() {
    closing.countDown();
    try {
      // A file system that hangs may be given up; a renewal that comes late does no harm.
      thread.join(holder.lease().toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
