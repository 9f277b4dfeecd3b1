package org.uiospark.jobs.recall;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The right answer to a case, and whether a generated text gives it.
 *
 * @param parts what has to be named, in any order
 */
public record RecallAnswer(List<String> parts) {
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");
  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final Set<String> SKIPPED = Set.of("the", "a", "an", "and");

  /** Keeps an immutable copy. */
  public RecallAnswer {
    parts = List.copyOf(parts);
  }

  /** The text that is learned, and that follows the question. */
  public String text() {
    return " " + String.join(", ", parts);
  }

  /**
   * Whether a text begins with all parts, in any order: its words but articles and "and", and of
   * answers that are numbers its numbers alone. Who names more than is asked for is not right by
   * it.
   */
  public boolean isIn(String generated) {
    boolean numbers = parts.stream().allMatch(part -> NUMBER.matcher(part).matches());
    List<String> left =
        words(generated).stream()
            .filter(word -> !numbers || NUMBER.matcher(word).matches())
            .toList();
    List<List<String>> wanted = new ArrayList<>(parts.stream().map(RecallAnswer::words).toList());
    while (!wanted.isEmpty()) {
      int before = wanted.size();
      for (Iterator<List<String>> each = wanted.iterator(); each.hasNext(); ) {
        List<String> part = each.next();
        if (left.size() >= part.size() && left.subList(0, part.size()).equals(part)) {
          left = left.subList(part.size(), left.size());
          each.remove();
        }
      }
      if (wanted.size() == before) {
        return false;
      }
    }
    return true;
  }

  private static List<String> words(String text) {
    return WORD.matcher(text)
        .results()
        .map(MatchResult::group)
        .filter(word -> !SKIPPED.contains(word))
        .toList();
  }
}
