package org.uiospark.jobs.lock;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.model.input.InvalidInputException;

/**
 * The right of one {@code train} to write an output: {@code train.lock} in it, which one process
 * alone can create, and which it renews while it lives.
 *
 * <p>A process that was killed leaves it behind. The next one takes it over: at once on the same
 * machine, where the end is certain, else when the holder was silent for a lease. Two that take
 * over the same one at the same moment, and a holder that was only suspended, may both believe that
 * they hold it: the one that does not finds out before it writes.
 */
public final class OutputLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OutputLock.class);

  private final LockFiles files;
  private final LockHolder holder;
  private final Lease lease;
  private final boolean fresh;

  private OutputLock(LockFiles files, LockHolder holder, Lease lease, boolean fresh) {
    this.files = files;
    this.holder = holder;
    this.lease = lease;
    this.fresh = fresh;
  }

  /**
   * Takes the lock, and creates the output where it is not there. Waits for the lease of a holder
   * that cannot be seen from here.
   *
   * @param lease the others may take the lock over when this process was silent for so long
   * @throws InvalidInputException naming who holds it, since when, and what to do
   */
  public static OutputLock acquire(OutputFolder output, Duration lease) {
    try {
      boolean fresh = !output.exists();
      output.create();
      LockFiles files = new LockFiles(output);
      LockHolder own = LockHolder.thisProcess(lease);
      Lease taken = new Acquisition(files, own, LeaseClock.SYSTEM).take();
      taken.start();
      return new OutputLock(files, own, taken, fresh);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot lock " + output.root(), e);
    }
  }

  /**
   * Removes the lock that a run left behind.
   *
   * @return who held it, empty if nobody did
   * @throws InvalidInputException if that run is seen to be alive
   */
  public static Optional<String> unlock(OutputFolder output) {
    try {
      if (!output.exists()) {
        throw new InvalidInputException(
            output.root() + " does not exist; name the output of train");
      }
      LockFiles files = new LockFiles(output);
      Optional<LockHolder> other;
      try {
        other = files.holder();
      } catch (InvalidInputException e) {
        LOG.warn("{}; it is removed all the same", e.getMessage());
        files.delete();
        return Optional.of("an unknown process");
      }
      if (other.filter(it -> it.life() == LockHolder.Life.ALIVE).isPresent()) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "output %s is in use: %s writes it; stop it first",
                output.root(),
                other.get()));
      }
      if (other.isPresent()) {
        files.delete();
      }
      return other.map(LockHolder::toString);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unlock " + output.root(), e);
    }
  }

  /**
   * Makes sure that this process still holds the lock; asked before everything that it writes.
   *
   * @throws InvalidInputException if somebody removed it, or another run took it over
   */
  public void requireHeld() {
    try {
      lease.requireHeld();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the lock of " + files.output().root(), e);
    }
  }

  /**
   * Makes sure that nobody has seen the lock go, without a look at the file system: so that a run
   * does not go on in vain until it writes again.
   *
   * @throws InvalidInputException as {@link #requireHeld}
   */
  public void requireNotLost() {
    lease.requireNotLost();
  }

  /** Whether the lock was seen to be lost. */
  public boolean isLost() {
    return lease.isLost();
  }

  /** Lets go; an output that it made and nobody wrote to goes with it. */
  @Override
  public void close() {
    try {
      lease.close();
      if (lease.isHeld()) {
        files.delete();
      } else {
        files.forget(holder);
      }
      if (fresh) {
        files.output().deleteIfEmpty();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unlock " + files.output().root(), e);
    }
  }
}
