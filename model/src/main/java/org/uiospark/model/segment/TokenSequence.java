package org.uiospark.model.segment;

import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;

/**
 * One training example: a run of tokens of one document.
 *
 * @param docId the document it comes from
 * @param offset index of its first token in the document
 * @param inputIds tokens
 * @param labels HuggingFace labels: {@code labels[j]} belongs to token j and is predicted at j - 1;
 *     {@link #IGNORED} is left out of the loss. The same array as {@code inputIds} where they do
 *     not differ
 */
public record TokenSequence(String docId, long offset, int[] inputIds, int[] labels) {
  /** Label of a token that does not count. */
  public static final int IGNORED = -100;

  /** Checks that there is a label for every token. */
  public TokenSequence {
    if (inputIds.length != labels.length) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "document %s, offset %d: %d labels for %d tokens",
              docId,
              offset,
              labels.length,
              inputIds.length));
    }
  }

  /** A sequence whose labels are its tokens. */
  public static TokenSequence of(String docId, long offset, int[] inputIds) {
    return new TokenSequence(docId, offset, inputIds, inputIds);
  }

  /** Number of labels that count: {@code labels[0]} has no position that predicts it. */
  public long validLabels() {
    long valid = 0;
    for (int j = 1; j < labels.length; j++) {
      if (labels[j] != IGNORED) {
        valid++;
      }
    }
    return valid;
  }

  /** Number of segments of the given length; the last may be shorter. */
  public int segments(int segmentLength) {
    return (inputIds.length + segmentLength - 1) / segmentLength;
  }
}
