package org.uiospark.jobs.recall;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The right answer to a case, and whether a generated text gives it.
 *
 * @param parts what has to be named, in any order
 */
public record RecallAnswer(List<String> parts) {
  private static final Pattern NUMBER = Pattern.compile("\\d+");

  /** Keeps an immutable copy. */
  public RecallAnswer {
    parts = List.copyOf(parts);
  }

  /** The text that is learned, and that follows the question. */
  public String text() {
    return " " + String.join(", ", parts);
  }

  /**
   * Whether a text names every part as whole words. Where the answer is one number, the first
   * number of the text has to be it.
   */
  public boolean isIn(String generated) {
    if (parts.size() == 1 && NUMBER.matcher(parts.get(0)).matches()) {
      Matcher number = NUMBER.matcher(generated);
      return number.find() && number.group().equals(parts.get(0));
    }
    return parts.stream().allMatch(part -> whole(part).matcher(generated).find());
  }

  private static Pattern whole(String part) {
    return Pattern.compile("(?<![\\p{L}\\p{N}])" + Pattern.quote(part) + "(?![\\p{L}\\p{N}])");
  }
}
