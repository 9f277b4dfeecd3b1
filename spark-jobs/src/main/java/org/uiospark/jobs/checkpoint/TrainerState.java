package org.uiospark.jobs.checkpoint;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.uiospark.model.input.InvalidInputException;

/**
 * {@code trainer_state.json}: where a run stands and what it was told.
 *
 * <p>Order of data and randomness follow from seed and step alone, so nothing else is kept of them.
 *
 * @param formatVersion version of this file, {@link #FORMAT_VERSION}
 * @param step optimizer steps taken
 * @param seed what everything random follows from
 * @param modelFingerprint of the base model
 * @param dataFingerprint of the data set
 * @param settings JSON numbers and texts by name
 * @param versions of this project and what it runs on, by name
 */
@JsonNaming(SnakeCaseStrategy.class)
public record TrainerState(
    int formatVersion,
    long step,
    long seed,
    String modelFingerprint,
    String dataFingerprint,
    Map<String, Object> settings,
    Map<String, String> versions) {
  /** The version that this code writes and reads. */
  public static final int FORMAT_VERSION = 1;

  /** A run that is resumed may change these; every other setting is the run. */
  private static final Set<String> MAY_CHANGE =
      Set.of(
          "steps",
          "lr",
          "warmup",
          "weight_decay",
          "beta1",
          "beta2",
          "clip",
          "graph_memory",
          "checkpoint_every",
          "held_out",
          "held_out_sequences",
          "model",
          "data");

  /** Runs of earlier versions do not tell these; then nothing is compared. */
  private static final Set<String> NOT_ALWAYS_TOLD = Set.of("products", "threads");

  /** What runs of earlier versions, which do not tell these, had. */
  private static final Map<String, Object> BEFORE =
      Map.of("lane_sequences", 1, "chunk_segments", 0);

  /** Checks the version, and that all is there. */
  public TrainerState {
    if (formatVersion != FORMAT_VERSION) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "format_version %d of trainer_state.json is not supported; supported: %d",
              formatVersion,
              FORMAT_VERSION));
    }
    if (step < 0
        || modelFingerprint == null
        || dataFingerprint == null
        || settings == null
        || versions == null) {
      throw new InvalidInputException(
          "step must be 0 or more; fingerprints, settings and versions must be there");
    }
    settings = Collections.unmodifiableMap(new TreeMap<>(settings));
    versions = Collections.unmodifiableMap(new TreeMap<>(versions));
  }

  /** The same run at another step. */
  public TrainerState at(long otherStep) {
    return new TrainerState(
        formatVersion, otherStep, seed, modelFingerprint, dataFingerprint, settings, versions);
  }

  /**
   * What keeps a run from going on from this state, each as {@code rank 16, now 8}; empty if
   * nothing does.
   */
  public List<String> conflictsWith(TrainerState run) {
    List<String> conflicts = new ArrayList<>();
    compare(conflicts, "base model", brief(modelFingerprint), brief(run.modelFingerprint));
    compare(conflicts, "data set", brief(dataFingerprint), brief(run.dataFingerprint));
    compare(conflicts, "seed", seed, run.seed);
    for (String key : allKeys(run)) {
      boolean told = settings.containsKey(key) || !NOT_ALWAYS_TOLD.contains(key);
      if (told && !MAY_CHANGE.contains(key)) {
        Object then = settings.getOrDefault(key, BEFORE.get(key));
        compare(conflicts, key.replace('_', '-'), then, run.settings.get(key));
      }
    }
    return conflicts;
  }

  /** Settings that changed and may; with some, the numbers are not those of one run. */
  public List<String> changesIn(TrainerState run) {
    List<String> changes = new ArrayList<>();
    for (String key : allKeys(run)) {
      if (MAY_CHANGE.contains(key)) {
        compare(changes, key.replace('_', '-'), settings.get(key), run.settings.get(key));
      }
    }
    return changes;
  }

  private Set<String> allKeys(TrainerState run) {
    Set<String> keys = new TreeSet<>(settings.keySet());
    keys.addAll(run.settings.keySet());
    return keys;
  }

  private static void compare(List<String> into, String key, Object then, Object now) {
    // They are compared as text, for JSON does not tell an int from a long.
    if (!Objects.toString(then).equals(Objects.toString(now))) {
      into.add(String.format(Locale.ROOT, "%s %s, now %s", key, then, now));
    }
  }

  private static String brief(String fingerprint) {
    return fingerprint.substring(0, Math.min(12, fingerprint.length()));
  }
}
