package org.uiospark.jobs.evaluate.score;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Words of texts, and how LongBench compares answers by them. */
public final class Words {
  private Words() {}

  /** The words of a text, which white space separates. */
  public static List<String> of(String text) {
    return Arrays.stream(text.strip().split("\\s+")).filter(word -> !word.isEmpty()).toList();
  }

  /**
   * The words of an English answer as LongBench counts them: lower case, without ASCII punctuation,
   * and without the articles.
   */
  public static List<String> normalized(String answer) {
    return of(
        answer
            .toLowerCase(Locale.ROOT)
            .replaceAll("\\p{Punct}", "")
            .replaceAll("\\b(a|an|the)\\b", " "));
  }

  /** F1 of the words that two answers share, each as often as both have it. */
  public static double f1(List<String> candidate, List<String> reference) {
    Map<String, Integer> left = new HashMap<>();
    reference.forEach(word -> left.merge(word, 1, Integer::sum));
    int shared = 0;
    for (String word : candidate) {
      if (left.merge(word, -1, Integer::sum) >= 0) {
        shared++;
      }
    }
    return shared == 0 ? 0 : 2.0 * shared / (candidate.size() + reference.size());
  }
}
