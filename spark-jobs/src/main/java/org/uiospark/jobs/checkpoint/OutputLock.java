package org.uiospark.jobs.checkpoint;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;

/**
 * The right of one {@code train} to write an output: {@code train.lock} in it, which one process
 * alone can create.
 *
 * <p>A process that was killed leaves it behind. Where that is certain, on the same machine, the
 * next one takes it over; elsewhere the user has to say so, with {@code checkpoints unlock}. Two
 * that take over the same one at the same moment may both believe that they hold it: the one that
 * does not finds out before its next checkpoint.
 */
public final class OutputLock implements AutoCloseable {
  static final String NAME = "train.lock";
  private static final Logger LOG = LoggerFactory.getLogger(OutputLock.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final OutputFolder output;
  private final LockHolder holder;
  private final boolean fresh;

  private OutputLock(OutputFolder output, LockHolder holder, boolean fresh) {
    this.output = output;
    this.holder = holder;
    this.fresh = fresh;
  }

  /**
   * Takes the lock, and creates the output where it is not there.
   *
   * @throws InvalidInputException naming who holds it, since when, and what to do
   */
  public static OutputLock acquire(OutputFolder output) {
    try {
      boolean fresh = !output.exists();
      output.create();
      OutputLock lock = new OutputLock(output, LockHolder.thisProcess(), fresh);
      if (!lock.create()) {
        removeStale(output);
        if (!lock.create()) {
          throw inUse(output, "another process took it just now; wait until it ends");
        }
      }
      return lock;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot lock " + output.root(), e);
    }
  }

  private boolean create() throws IOException {
    return output.create(NAME, JSON.writeValueAsBytes(holder));
  }

  private static void removeStale(OutputFolder output) throws IOException {
    Optional<LockHolder> found = holder(output);
    if (found.isEmpty()) {
      return;
    }
    LockHolder other = found.get();
    switch (other.life()) {
      case ENDED -> LOG.warn("Taking over the lock of {}, which has ended", other);
      case ALIVE -> throw inUse(output, other + " writes it; wait until that ends, or stop it");
      case UNKNOWN ->
          throw inUse(
              output,
              other
                  + " wrote it; if that has ended, run ./submit.sh checkpoints unlock --output "
                  + output.root());
      default -> throw new IllegalStateException("no such life");
    }
    output.delete(NAME);
  }

  private static InvalidInputException inUse(OutputFolder output, String why) {
    return new InvalidInputException(
        String.format(
            Locale.ROOT, "output %s is locked: %s, or name another --output", output.root(), why));
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
      Optional<LockHolder> other;
      try {
        other = holder(output);
      } catch (InvalidInputException e) {
        LOG.warn("{}; it is removed all the same", e.getMessage());
        output.delete(NAME);
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
        output.delete(NAME);
      }
      return other.map(LockHolder::toString);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unlock " + output.root(), e);
    }
  }

  private static Optional<LockHolder> holder(OutputFolder output) throws IOException {
    String origin = output.file(NAME).toString();
    try {
      return Optional.of(InputJson.record(origin, output.read(NAME), LockHolder.class));
    } catch (FileNotFoundException e) {
      LOG.debug("Released meanwhile", e);
      return Optional.empty();
    } catch (InvalidInputException e) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s; if no train writes there, run ./submit.sh checkpoints unlock --output %s",
              e.getMessage(),
              output.root()),
          e);
    }
  }

  /**
   * Makes sure that this process still holds the lock.
   *
   * @throws InvalidInputException if somebody removed it, or another run took it over
   */
  public void requireHeld() {
    if (!isHeld()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "output %s is no longer locked by this run: its %s was removed or taken over; nothing more is written; see that one train runs, then --resume",
              output.root(),
              NAME));
    }
  }

  private boolean isHeld() {
    try {
      return holder(output).filter(holder::equals).isPresent();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the lock of " + output.root(), e);
    }
  }

  /** Lets go; an output that it made and nobody wrote to goes with it. */
  @Override
  public void close() {
    try {
      if (isHeld()) {
        output.delete(NAME);
      }
      if (fresh) {
        output.deleteIfEmpty();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unlock " + output.root(), e);
    }
  }
}
