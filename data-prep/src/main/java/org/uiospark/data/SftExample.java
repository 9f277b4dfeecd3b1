package org.uiospark.data;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.uiospark.model.memory.TokenSequence;

/**
 * A conversation in tokens.
 *
 * @param ids tokens of prompts and answers
 * @param labels the tokens of the answers, {@link TokenSequence#IGNORED} elsewhere
 * @param cut tokens of a prompt that were left out
 */
record SftExample(int[] ids, int[] labels, int cut) {
  /**
   * A run of tokens.
   *
   * @param answer whether they are to be learned
   */
  record Turn(int[] ids, boolean answer) {}

  /**
   * Joins turns. What is over the limit is cut from the middle of the longest prompt: instructions
   * stand at its start, the question at its end.
   *
   * @param limit tokens at most
   * @throws MalformedRecordException if the other turns leave no room for both ends of that prompt,
   *     or nothing is to be learned
   */
  static SftExample of(List<Turn> turns, int limit) throws MalformedRecordException {
    int total = turns.stream().mapToInt(turn -> turn.ids().length).sum();
    int longest = -1;
    for (int i = 0; i < turns.size(); i++) {
      if (!turns.get(i).answer()
          && (longest < 0 || turns.get(i).ids().length > turns.get(longest).ids().length)) {
        longest = i;
      }
    }
    int cut = Math.max(0, total - limit);
    if (cut > 0 && (longest < 0 || turns.get(longest).ids().length - cut < 2)) {
      throw new MalformedRecordException(
          String.format(
              Locale.ROOT,
              "%d tokens, over the %d of a sequence, and no prompt long enough to be cut by %d",
              total,
              limit,
              cut));
    }
    int[] ids = new int[total - cut];
    int[] labels = new int[ids.length];
    int at = 0;
    for (int i = 0; i < turns.size(); i++) {
      int[] turn = i == longest ? withoutMiddle(turns.get(i).ids(), cut) : turns.get(i).ids();
      System.arraycopy(turn, 0, ids, at, turn.length);
      if (turns.get(i).answer()) {
        System.arraycopy(turn, 0, labels, at, turn.length);
      } else {
        Arrays.fill(labels, at, at + turn.length, TokenSequence.IGNORED);
      }
      at += turn.length;
    }
    // The first token is predicted by nothing.
    if (Arrays.stream(labels).skip(1).allMatch(label -> label == TokenSequence.IGNORED)) {
      throw new MalformedRecordException("no token of an answer, so nothing to learn");
    }
    return new SftExample(ids, labels, cut);
  }

  /** The longer end stays in front where the two cannot be of one length. */
  private static int[] withoutMiddle(int[] ids, int cut) {
    int kept = ids.length - cut;
    int head = (kept + 1) / 2;
    int[] ends = Arrays.copyOf(ids, kept);
    System.arraycopy(ids, head + cut, ends, head, kept - head);
    return ends;
  }
}
