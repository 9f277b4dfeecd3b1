package org.uiospark.data.settings;

import java.io.Serializable;
import org.uiospark.model.input.InvalidInputException;

/**
 * How the tokens of a document are cut to sequences.
 *
 * @param segmentLength tokens a segment
 * @param maxSegments segments a sequence at most
 * @param minSegments shorter documents and shorter tails of documents are left out
 * @param eosTokenId token that closes each document
 */
public record Cutting(int segmentLength, int maxSegments, int minSegments, int eosTokenId)
    implements Serializable {
  private static final int MAX_SEQUENCE = 1 << 26;

  /** Tokens of a full sequence. */
  public int sequenceLength() {
    return segmentLength * maxSegments;
  }

  /** Segments that so many tokens take; the last may be shorter. */
  public int segments(int tokens) {
    return (tokens + segmentLength - 1) / segmentLength;
  }

  /** Checks what prep is asked for; the description of a data set may say anything. */
  void check() {
    check(segmentLength >= 1, "segment-length " + segmentLength + " is out of range: at least 1");
    check(maxSegments >= 1, "max-segments " + maxSegments + " is out of range: at least 1");
    check(
        minSegments >= 1 && minSegments <= maxSegments,
        "min-segments " + minSegments + " is out of range: 1 to max-segments " + maxSegments);
    check(
        (long) segmentLength * maxSegments <= MAX_SEQUENCE,
        "segment-length x max-segments is over 67108864 tokens a sequence; lower one of them");
    check(eosTokenId >= 0, "eos-token-id " + eosTokenId + " is out of range: at least 0");
  }

  private static void check(boolean valid, String message) {
    if (!valid) {
      throw new InvalidInputException(message);
    }
  }
}
