package org.uiospark.jobs.lock;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;

/**
 * The two files of a lock. {@code train.lock} says who holds it; one process alone can create it,
 * and it never changes. {@code train.lease} is the sign of life of that holder, written again and
 * again: a renewal that comes late, from a process or a server that stood still, cannot take back
 * what another run has taken over.
 *
 * @param output that is locked
 */
record LockFiles(OutputFolder output) {
  static final String LOCK = "train.lock";
  static final String LEASE = "train.lease";
  private static final Logger LOG = LoggerFactory.getLogger(LockFiles.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** The sign of life: the {@code count}-th of the holder with that id. */
  private record Renewal(String id, long count) {}

  /** False if somebody holds the lock. */
  boolean create(LockHolder holder) throws IOException {
    return output.create(LOCK, holder.json());
  }

  /**
   * Who holds the lock.
   *
   * @throws InvalidInputException if the file does not say
   */
  Optional<LockHolder> holder() throws IOException {
    try {
      return Optional.of(LockHolder.of(output.file(LOCK).toString(), output.read(LOCK)));
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

  /** Gives the {@code count}-th sign of life, from 1. */
  void renew(LockHolder holder, long count) throws IOException {
    output.replace(LEASE, JSON.writeValueAsBytes(new Renewal(holder.id(), count)));
  }

  /** How often a holder has renewed its lock, 0 where that cannot be read. */
  long renewals(LockHolder holder) throws IOException {
    try {
      Renewal last =
          InputJson.record(output.file(LEASE).toString(), output.read(LEASE), Renewal.class);
      return holder.id().equals(last.id()) ? last.count() : 0;
    } catch (FileNotFoundException | InvalidInputException e) {
      // None yet; or, where files are not written in one step, one that is being written.
      LOG.debug("No sign of life", e);
      return 0;
    }
  }

  /** Gives the lock up, or takes it from whoever holds it. */
  void delete() throws IOException {
    output.delete(LEASE);
    output.delete(LOCK);
  }

  /** Deletes the sign of life of a holder, which has lost the lock. */
  void forget(LockHolder holder) throws IOException {
    if (renewals(holder) > 0) {
      output.delete(LEASE);
    }
  }
}
