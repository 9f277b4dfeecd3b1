package org.uiospark.jobs.recall;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Where everything stands in a text: an opening, then sentences of a haystack with the hidden ones
 * between them, each on a line of its own.
 *
 * @param opening the first line
 * @param haystack what is hidden in
 * @param start its first sentence here
 * @param needles hidden sentences, in the order of the text
 */
record Layout(String opening, Haystack haystack, int start, List<Needle> needles) {

  /**
   * A hidden sentence.
   *
   * @param share of the tokens of the haystack that stands before it; it goes to the nearest end of
   *     a sentence
   * @param sentence as it stands there
   */
  record Needle(double share, String sentence) {}

  /**
   * Draws where the sentences of a puzzle lie.
   *
   * @param depth of the one that is asked for
   */
  static Layout of(Puzzle puzzle, double depth, Haystack haystack, Draws draws) {
    List<Needle> needles = new ArrayList<>();
    for (List<String> thread : puzzle.threads()) {
      double[] shares =
          needles.isEmpty()
              ? around(puzzle.asked(), thread.size(), depth, draws)
              : draws.shares(thread.size());
      for (int i = 0; i < thread.size(); i++) {
        needles.add(new Needle(shares[i], thread.get(i)));
      }
    }
    // Where two have the same share, those of a thread keep their order.
    needles.sort(Comparator.comparingDouble(Needle::share));
    return new Layout(
        draws.one(draws.words().openings()),
        haystack,
        draws.index(haystack.size()),
        List.copyOf(needles));
  }

  private static double[] around(int asked, int count, double depth, Draws draws) {
    DoubleStream before = DoubleStream.of(draws.shares(asked)).map(share -> depth * share);
    DoubleStream behind =
        DoubleStream.of(draws.shares(count - 1 - asked)).map(share -> depth + (1 - depth) * share);
    return DoubleStream.concat(DoubleStream.concat(before, DoubleStream.of(depth)), behind)
        .toArray();
  }

  /** Tokens of a sentence of the haystack, counted from the first one here. */
  int tokens(int sentence) {
    return haystack.tokens(start + sentence);
  }

  /** How many sentences from one on have no more tokens than there is room for. */
  int fitting(int from, int room) {
    int count = 0;
    for (int left = room - tokens(from); left >= 0; left -= tokens(from + count)) {
      count++;
    }
    return count;
  }

  /**
   * How many sentences are left without as many of the last ones as have at least so many tokens.
   */
  int without(int sentences, int tokens) {
    int left = sentences;
    for (int cut = 0; cut < tokens && left > 0; cut += tokens(left)) {
      left--;
    }
    return left;
  }

  /** The text with the first sentences of the haystack. */
  String text(int sentences) {
    long all = 0;
    for (int i = 0; i < sentences; i++) {
      all += tokens(i);
    }
    StringBuilder text = new StringBuilder(opening).append('\n');
    long before = 0;
    int next = 0;
    for (int i = 0; i <= sentences; i++) {
      long behind = i < sentences ? before + tokens(i) : Long.MAX_VALUE;
      while (next < needles.size() && isNearer(needles.get(next).share() * all, before, behind)) {
        endLine(text).append(needles.get(next++).sentence()).append('\n');
      }
      if (i < sentences) {
        if (text.charAt(text.length() - 1) != '\n') {
          text.append(' ');
        }
        text.append(haystack.sentence(start + i));
      }
      before = behind;
    }
    return endLine(text).toString();
  }

  private static boolean isNearer(double place, long before, long behind) {
    return place - before <= behind - place;
  }

  private static StringBuilder endLine(StringBuilder text) {
    return text.charAt(text.length() - 1) == '\n' ? text : text.append('\n');
  }
}
