package org.uiospark.data.settings;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What becomes of documents with equal texts. */
public enum Duplicates {
  /** The data set holds each text as often as the input that had it most often. */
  KEEP,
  /** The data set holds each text once: the first one stays. */
  DROP;

  /** The names that settings use. */
  public static final List<String> NAMES = Arrays.stream(values()).map(Duplicates::key).toList();

  /** Its name in settings. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The one of a name, empty if there is none. */
  public static Optional<Duplicates> named(String key) {
    return Arrays.stream(values()).filter(each -> each.key().equals(key)).findFirst();
  }
}
