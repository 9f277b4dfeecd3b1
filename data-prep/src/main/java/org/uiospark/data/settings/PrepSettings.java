package org.uiospark.data.settings;

import java.io.Serializable;
import java.util.List;
import org.uiospark.model.input.InvalidInputException;

/**
 * What a data preparation reads, writes and how it cuts.
 *
 * @param inputs files, directories or globs, local or any Hadoop URI
 * @param output directory of the data set, local or any Hadoop URI
 * @param tokenizer {@code tokenizer.json}, local or any Hadoop URI
 * @param segmentLength tokens a segment
 * @param maxSegments segments a sequence at most
 * @param minSegments shorter documents and shorter tails of documents are left out
 * @param eosTokenId token that closes each document
 * @param shardBytes bytes of input that make one output file
 * @param maxRejectedShare share of malformed records above which the run fails
 * @param objective what the sequences are for
 * @param reading how the text is read
 */
public record PrepSettings(
    List<String> inputs,
    String output,
    String tokenizer,
    int segmentLength,
    int maxSegments,
    int minSegments,
    int eosTokenId,
    long shardBytes,
    double maxRejectedShare,
    Objective objective,
    TextReading reading)
    implements Serializable {
  /** Settings with the common way to read text. */
  public PrepSettings(
      List<String> inputs,
      String output,
      String tokenizer,
      int segmentLength,
      int maxSegments,
      int minSegments,
      int eosTokenId,
      long shardBytes,
      double maxRejectedShare,
      Objective objective) {
    this(
        inputs,
        output,
        tokenizer,
        segmentLength,
        maxSegments,
        minSegments,
        eosTokenId,
        shardBytes,
        maxRejectedShare,
        objective,
        TextReading.DEFAULT);
  }

  /** Settings for language modelling. */
  public PrepSettings(
      List<String> inputs,
      String output,
      String tokenizer,
      int segmentLength,
      int maxSegments,
      int minSegments,
      int eosTokenId,
      long shardBytes,
      double maxRejectedShare) {
    this(
        inputs,
        output,
        tokenizer,
        segmentLength,
        maxSegments,
        minSegments,
        eosTokenId,
        shardBytes,
        maxRejectedShare,
        Objective.LM);
  }

  /** Checks every value. */
  public PrepSettings {
    inputs = List.copyOf(inputs);
    check(!inputs.isEmpty(), "input is missing; name a file, a directory or a glob");
    check(output != null && !output.isBlank(), "output is missing; name a directory");
    check(tokenizer != null && !tokenizer.isBlank(), "tokenizer is missing; name tokenizer.json");
    check(segmentLength >= 1, "segment-length " + segmentLength + " is out of range: at least 1");
    check(maxSegments >= 1, "max-segments " + maxSegments + " is out of range: at least 1");
    check(
        minSegments >= 1 && minSegments <= maxSegments,
        "min-segments " + minSegments + " is out of range: 1 to max-segments " + maxSegments);
    check(
        (long) segmentLength * maxSegments <= 1 << 26,
        "segment-length x max-segments is over 67108864 tokens a sequence; lower one of them");
    check(eosTokenId >= 0, "eos-token-id " + eosTokenId + " is out of range: at least 0");
    check(shardBytes >= 1, "shard-bytes " + shardBytes + " is out of range: at least 1");
    check(
        maxRejectedShare >= 0 && maxRejectedShare <= 1,
        "max-rejected-share " + maxRejectedShare + " is out of range: 0 to 1");
  }

  /** The same into another output. */
  public PrepSettings withOutput(String other) {
    return new PrepSettings(
        inputs,
        other,
        tokenizer,
        segmentLength,
        maxSegments,
        minSegments,
        eosTokenId,
        shardBytes,
        maxRejectedShare,
        objective,
        reading);
  }

  /** Tokens of a full sequence. */
  public int sequenceLength() {
    return segmentLength * maxSegments;
  }

  private static void check(boolean valid, String message) {
    if (!valid) {
      throw new InvalidInputException(message);
    }
  }
}
