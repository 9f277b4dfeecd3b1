package org.uiospark.jobs.memory;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;
import org.uiospark.data.commit.ListedText;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.memory.TextPrefixes;
import org.uiospark.model.segment.TokenSequence;

/**
 * The tokens of a text, which lie in sequences of a data set.
 *
 * @param data that prep wrote
 * @param sequenceLength tokens of all sequences of a text but the last
 */
record TextTokens(TaskData data, int sequenceLength) implements Serializable {
  /** Tokens of one of its sequences, without the token that closes a document. */
  int[] sequence(ListedText text, long place) {
    TokenSequence sequence = data.sequence(text.first() + place);
    long offset = place * sequenceLength;
    int[] ids = sequence.inputIds();
    long left = text.tokens() - offset;
    if (sequence.offset() != offset
        || !sequence.docId().equals(text.docId())
        || ids.length < Math.min(left, sequenceLength)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "data set %s is damaged: sequence %d is not token %d and more of %s; memorize into a new folder",
              data.description().uri(),
              text.first() + place,
              offset,
              text.docId()));
    }
    return left < ids.length ? Arrays.copyOf(ids, (int) left) : ids;
  }

  /** Adds the tokens of the first sequences to those that are there. */
  void add(ListedText text, long from, long to, TextPrefixes prefixes) {
    for (long place = from; place < to; place++) {
      int[] ids = sequence(text, place);
      prefixes.add(ids, 0, ids.length);
    }
  }

  /** Tokens from one to before another. */
  int[] range(ListedText text, long from, long to) {
    int[] range = new int[Math.toIntExact(to - from)];
    int filled = 0;
    while (filled < range.length) {
      long at = from + filled;
      int[] ids = sequence(text, at / sequenceLength);
      int begin = (int) (at % sequenceLength);
      int count = Math.min(ids.length - begin, range.length - filled);
      System.arraycopy(ids, begin, range, filled, count);
      filled += count;
    }
    return range;
  }
}
