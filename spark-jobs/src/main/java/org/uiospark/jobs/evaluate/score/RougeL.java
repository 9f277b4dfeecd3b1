package org.uiospark.jobs.evaluate.score;

import java.util.List;

/** Rouge-L (Lin, 2004): F1 of the longest common subsequence of words. */
public final class RougeL {
  private RougeL() {}

  /** The score, from 0 to 1. */
  public static double of(List<String> candidate, List<String> reference) {
    int common = longestCommonSubsequence(candidate, reference);
    return common == 0 ? 0 : 2.0 * common / (candidate.size() + reference.size());
  }

  private static int longestCommonSubsequence(List<String> a, List<String> b) {
    int[] row = new int[b.size() + 1];
    for (String word : a) {
      int diagonal = 0;
      for (int j = 1; j <= b.size(); j++) {
        int above = row[j];
        row[j] = word.equals(b.get(j - 1)) ? diagonal + 1 : Math.max(above, row[j - 1]);
        diagonal = above;
      }
    }
    return row[b.size()];
  }
}
