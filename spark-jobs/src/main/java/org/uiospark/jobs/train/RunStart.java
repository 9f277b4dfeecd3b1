package org.uiospark.jobs.train;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.Checkpoint;
import org.uiospark.jobs.checkpoint.CheckpointStore;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.input.InvalidInputException;

/**
 * Where a run starts: at its newest checkpoint if it is resumed, else untrained.
 *
 * @param run what the run is
 * @param output where it writes
 * @param checkpoints those that are there
 */
record RunStart(RunDescription run, OutputFolder output, CheckpointStore checkpoints) {
  private static final Logger LOG = LoggerFactory.getLogger(RunStart.class);

  /**
   * The checkpoint to start from; the one of step 0 was never written.
   *
   * @throws InvalidInputException if a run lies there that is not to be resumed, or is another one
   */
  Checkpoint checkpoint() {
    if (run.settings().checkpoints().resume()) {
      return resumed().orElseGet(this::untrained);
    }
    requireNone();
    return untrained();
  }

  private void requireNone() {
    List<Long> steps = checkpoints.steps();
    if (!steps.isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "output %s already has checkpoints, the newest step-%d; add --resume to go on, or name another --output",
              output.root(),
              steps.get(0)));
    }
  }

  private Optional<Checkpoint> resumed() {
    List<Long> steps = checkpoints.steps();
    Optional<Checkpoint> newest = checkpoints.latestWhole();
    if (newest.isEmpty()) {
      LOG.warn(
          "No checkpoint in {} was ever finished; starting at step 0{}",
          output.root(),
          steps.isEmpty()
              ? ""
              : String.format(
                  Locale.ROOT,
                  ", and what lies under steps %s is written anew when they come",
                  steps));
    }
    newest.ifPresent(checkpoint -> requireSameRun(checkpoint.state()));
    return newest;
  }

  private void requireSameRun(TrainerState then) {
    TrainerState now = run.state();
    List<String> conflicts = then.conflictsWith(now);
    if (!conflicts.isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "the run in %s cannot be resumed: %s; give what it was started with, or name another --output",
              output.root(),
              String.join(", ", conflicts)));
    }
    if (then.step() > run.settings().steps().count()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "the run in %s is at step %d, beyond --steps %d; raise --steps",
              output.root(),
              then.step(),
              run.settings().steps().count()));
    }
    LOG.info("Resuming at step {} of {}", then.step(), run.settings().steps().count());
    List<String> changes = then.changesIn(now);
    if (!changes.isEmpty()) {
      LOG.warn("Resuming with other settings: {}", String.join(", ", changes));
    }
  }

  private Checkpoint untrained() {
    AdapterShape shape = run.input().shape();
    TrainerState state = run.state();
    return new Checkpoint(
        run.adapterConfig(shape, state),
        Adapter.initial(shape, run.input().eosEmbedding(), run.settings().steps().seed()),
        new float[shape.size()],
        new float[shape.size()],
        state);
  }
}
