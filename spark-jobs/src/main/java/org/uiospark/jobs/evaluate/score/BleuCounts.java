package org.uiospark.jobs.evaluate.score;

import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What BLEU-4 needs of a candidate and its one reference (Papineni et al., 2002). Counts of several
 * pairs add up, and the score of the sum is that of the corpus; no smoothing.
 *
 * @param matches n-grams of the candidate that the reference has too, each as often at most, for n
 *     from 1 to 4
 * @param candidates n-grams of the candidate
 * @param candidateWords its length
 * @param referenceWords length of the reference
 */
public record BleuCounts(
    long[] matches, long[] candidates, long candidateWords, long referenceWords)
    implements Serializable {
  private static final int LONGEST = 4;

  /** The counts of no pair at all, to add others to. */
  public static BleuCounts none() {
    return new BleuCounts(new long[LONGEST], new long[LONGEST], 0, 0);
  }

  /** Counts the n-grams of one pair. */
  public static BleuCounts of(List<String> candidate, List<String> reference) {
    BleuCounts counts =
        new BleuCounts(new long[LONGEST], new long[LONGEST], candidate.size(), reference.size());
    for (int n = 1; n <= LONGEST; n++) {
      Map<List<String>, Integer> left = new HashMap<>();
      for (int i = 0; i + n <= reference.size(); i++) {
        left.merge(reference.subList(i, i + n), 1, Integer::sum);
      }
      for (int i = 0; i + n <= candidate.size(); i++) {
        counts.candidates[n - 1]++;
        if (left.merge(candidate.subList(i, i + n), -1, Integer::sum) >= 0) {
          counts.matches[n - 1]++;
        }
      }
    }
    return counts;
  }

  /** The counts of both, as those of one corpus. */
  public BleuCounts plus(BleuCounts other) {
    long[] matched = new long[LONGEST];
    long[] all = new long[LONGEST];
    for (int n = 0; n < LONGEST; n++) {
      matched[n] = matches[n] + other.matches[n];
      all[n] = candidates[n] + other.candidates[n];
    }
    return new BleuCounts(
        matched, all, candidateWords + other.candidateWords, referenceWords + other.referenceWords);
  }

  /** BLEU-4, from 0 to 1: 0 where no n-gram of some length matches. */
  public double score() {
    double logs = 0;
    for (int n = 0; n < LONGEST; n++) {
      if (matches[n] == 0) {
        return 0;
      }
      logs += Math.log((double) matches[n] / candidates[n]) / LONGEST;
    }
    double shortness = Math.min(0, 1 - (double) referenceWords / candidateWords);
    return Math.exp(logs + shortness);
  }
}
