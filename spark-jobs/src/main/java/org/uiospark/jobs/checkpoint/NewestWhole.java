package org.uiospark.jobs.checkpoint;

import java.util.Collections;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.model.input.InvalidInputException;

/**
 * The search for the newest checkpoint that is whole. A run may go on meanwhile: it finishes newer
 * ones, and deletes what they supersede.
 */
final class NewestWhole {
  private static final Logger LOG = LoggerFactory.getLogger(NewestWhole.class);

  private final CheckpointStore store;
  private final Set<Found> seen = new HashSet<>();
  private final Map<Long, String> reasons = new TreeMap<>(Collections.reverseOrder());

  /** A checkpoint as it was found; it is worth another look once it is finished. */
  private record Found(long step, boolean finished) {}

  NewestWhole(CheckpointStore store) {
    this.store = store;
  }

  /**
   * Looks for it until there is nothing new; those that are passed over are named in the log.
   *
   * @return empty where none was ever finished
   * @throws InvalidInputException if there were some, and none of them loads: it says why
   */
  Optional<Checkpoint> find() {
    Optional<Checkpoint> whole;
    int before;
    do {
      before = seen.size();
      whole =
          store.steps().stream()
              .filter(this::isNew)
              .map(this::load)
              .flatMap(Optional::stream)
              .findFirst();
    } while (whole.isEmpty() && seen.size() > before);
    if (whole.isEmpty()) {
      requireNoneFinished();
    }
    return whole;
  }

  private boolean isNew(long step) {
    return seen.add(new Found(step, store.wasFinished(step)));
  }

  private Optional<Checkpoint> load(long step) {
    try {
      return Optional.of(store.load(step));
    } catch (InvalidInputException e) {
      reasons.put(step, e.getMessage());
      LOG.warn("Checkpoint step-{} is passed over: {}", step, e.getMessage());
      return Optional.empty();
    }
  }

  /** A run that was killed in its first checkpoint left one without manifest: there is none yet. */
  private void requireNoneFinished() {
    if (reasons.keySet().stream().anyMatch(store::wasFinished)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s has no whole checkpoint: there are some, and none of them loads: %s; put back what is missing, or name another output of train",
              store.root(),
              reasons.entrySet().stream()
                  .map(reason -> reason(reason.getKey(), reason.getValue()))
                  .collect(Collectors.joining("; "))));
    }
  }

  private static String reason(long step, String why) {
    return String.format(
        Locale.ROOT, "step-%d: %s", step, why.replace(CheckpointReader.ADVICE, ""));
  }
}
