package org.uiospark.jobs.checkpoint;

import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.jobs.checkpoint.CheckpointStatus.State;
import org.uiospark.jobs.settings.RetentionSettings;
import org.uiospark.model.input.InvalidInputException;

/**
 * Deletes the checkpoints that a run no longer wants.
 *
 * <p>Nothing goes before the newest was read back whole, and only what is whole itself, by its
 * sums, and of the same run. Whatever else lies there stays, with a warning.
 */
final class Retention {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  private final CheckpointStore store;
  private final RetentionSettings keep;

  /** Superseded ones that must stay: damaged, or of another run. They are not read again. */
  private final Set<Long> doubtful = new HashSet<>();

  Retention(CheckpointStore store, RetentionSettings keep) {
    this.store = store;
    this.keep = keep;
  }

  /**
   * Deletes what is superseded.
   *
   * @param newest state of the checkpoint that was just committed
   */
  void apply(TrainerState newest) {
    if (keep.keepLast() == 0) {
      return;
    }
    try {
      deleteSuperseded(newest);
    } catch (UncheckedIOException e) {
      // Training is worth more than the space; the next checkpoint tries again.
      LOG.warn("Superseded checkpoints stay for now: {}: {}", e.getMessage(), e.getCause());
    }
  }

  private void deleteSuperseded(TrainerState newest) {
    List<CheckpointStatus> all = store.statuses();
    all.stream().filter(one -> one.is(State.DELETED)).forEach(one -> store.delete(one.step()));
    List<Long> superseded = superseded(all, newest.step());
    if (superseded.isEmpty() || !canBeDeletedAfter(newest)) {
      return;
    }
    for (long step : superseded) {
      if (isWholeAndOf(newest, step)) {
        store.delete(step);
        LOG.info("Deleted checkpoint step-{}, which newer ones supersede", step);
      } else {
        doubtful.add(step);
      }
    }
  }

  private List<Long> superseded(List<CheckpointStatus> all, long newest) {
    // A step beyond the newest was passed over at the start of this run.
    List<CheckpointStatus> whole =
        all.stream().filter(one -> one.is(State.WHOLE) && one.step() <= newest).toList();
    Set<Long> kept = new HashSet<>(doubtful);
    kept.add(newest);
    whole.stream().limit(keep.keepLast()).forEach(one -> kept.add(one.step()));
    whole.stream()
        .filter(one -> one.losses().heldOut() != null)
        .sorted(CheckpointTable.BEST)
        .limit(keep.keepBest())
        .forEach(one -> kept.add(one.step()));
    return whole.stream()
        .map(CheckpointStatus::step)
        .filter(step -> keep.keepEvery() == 0 || step % keep.keepEvery() != 0)
        .filter(step -> !kept.contains(step))
        .toList();
  }

  private boolean canBeDeletedAfter(TrainerState newest) {
    try {
      store.verify(newest.step());
      return true;
    } catch (InvalidInputException e) {
      LOG.warn("No checkpoint is deleted: the newest cannot be trusted: {}", e.getMessage());
      return false;
    }
  }

  private boolean isWholeAndOf(TrainerState run, long step) {
    try {
      List<String> conflicts = store.verify(step).conflictsWith(run);
      if (conflicts.isEmpty()) {
        return true;
      }
      LOG.warn("Checkpoint step-{} stays: another run wrote it: {}", step, conflicts);
    } catch (InvalidInputException e) {
      LOG.warn("Checkpoint step-{} stays: {}", step, e.getMessage());
    }
    return false;
  }
}
