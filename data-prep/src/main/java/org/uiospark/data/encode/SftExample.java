package org.uiospark.data.encode;

import java.util.Arrays;
import java.util.BitSet;
import org.uiospark.model.segment.TokenSequence;

/**
 * A conversation in tokens.
 *
 * @param ids tokens of prompts and answers
 * @param labels the tokens of the answers, {@link TokenSequence#IGNORED} elsewhere
 * @param cut tokens of a prompt that were left out
 */
public record SftExample(int[] ids, int[] labels, int cut) {
  /**
   * Labels tokens. What is over the limit is cut from the middle of the longest prompt:
   * instructions stand at its start, the question at its end.
   *
   * @param learned the tokens of answers; a prompt is a run of the others
   * @param limit tokens at most
   * @throws MalformedRecordException if there is no room for both ends of that prompt, or nothing
   *     is to be learned
   */
  static SftExample of(int[] ids, BitSet learned, int limit) throws MalformedRecordException {
    int start = 0;
    int length = 0;
    for (int i = learned.nextClearBit(0); i < ids.length; ) {
      int next = learned.nextSetBit(i);
      int end = next < 0 ? ids.length : next;
      if (end - i > length) {
        start = i;
        length = end - i;
      }
      i = learned.nextClearBit(end);
    }
    int cut = Math.max(0, ids.length - limit);
    if (cut > 0 && length - cut < 2) {
      throw new MalformedRecordException(
          ids.length
              + " tokens, over the "
              + limit
              + " of a sequence, and no prompt long enough to be cut by "
              + cut);
    }
    int[] labels = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      labels[i] = learned.get(i) ? ids[i] : TokenSequence.IGNORED;
    }
    // The longer end stays in front where the two cannot be of one length.
    int head = start + (length - cut + 1) / 2;
    SftExample example = new SftExample(without(ids, head, cut), without(labels, head, cut), cut);
    // The first token is predicted by nothing.
    if (Arrays.stream(example.labels).skip(1).allMatch(label -> label == TokenSequence.IGNORED)) {
      throw new MalformedRecordException("no token of an answer, so nothing to learn");
    }
    return example;
  }

  private static int[] without(int[] values, int from, int count) {
    int[] kept = Arrays.copyOf(values, values.length - count);
    if (count > 0) {
      System.arraycopy(values, from + count, kept, from, kept.length - from);
    }
    return kept;
  }
}
