package org.uiospark.jobs.settings;

import java.util.Collection;
import java.util.Comparator;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** The valid name that a mistyped one most likely stands for. */
public final class Nearest {
  private static final LevenshteinDistance EDITS = LevenshteinDistance.getDefaultInstance();

  private Nearest() {}

  /**
   * The candidate with the fewest edits from {@code name}; the first in alphabetical order of
   * those.
   *
   * @param candidates valid names, at least one
   */
  public static String to(String name, Collection<String> candidates) {
    return candidates.stream()
        .min(
            Comparator.comparingInt((String candidate) -> EDITS.apply(name, candidate))
                .thenComparing(Comparator.naturalOrder()))
        .orElseThrow();
  }
}
