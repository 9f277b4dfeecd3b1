package org.uiospark.data.settings;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the sequences of a data set are trained for; {@code state.json} names it. */
public enum Objective {
  /** Next-token prediction of running text. */
  LM,
  /** Auto-encoding: each segment is predicted from its own memory. All segments are full. */
  AE,
  /** Next-token prediction of answers: the prompt is read, and its labels do not count. */
  SFT;

  /** The names that settings and {@code state.json} use. */
  public static final List<String> NAMES = Arrays.stream(values()).map(Objective::key).toList();

  /** Its name in settings and in {@code state.json}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The objective of a name, empty if there is none. */
  public static Optional<Objective> named(String key) {
    return Arrays.stream(values()).filter(objective -> objective.key().equals(key)).findFirst();
  }
}
