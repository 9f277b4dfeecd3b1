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
 * @param objective what the sequences are for
 * @param cutting how documents become sequences
 * @param reading how the text is read
 * @param repeats what becomes of documents that say what others said before
 * @param shardBytes bytes of input that make one output file, at least
 * @param maxRejectedShare share of malformed records above which the run fails
 */
public record PrepSettings(
    List<String> inputs,
    String output,
    String tokenizer,
    Objective objective,
    Cutting cutting,
    TextReading reading,
    Repeats repeats,
    long shardBytes,
    double maxRejectedShare)
    implements Serializable {
  private static final int SHARDS = 1024;
  private static final long LARGEST_SHARD = 256L << 20;

  /** Checks every value. */
  public PrepSettings {
    inputs = List.copyOf(inputs);
    check(!inputs.isEmpty(), "input is missing; name a file, a directory or a glob");
    check(output != null && !output.isBlank(), "output is missing; name a directory");
    check(tokenizer != null && !tokenizer.isBlank(), "tokenizer is missing; name tokenizer.json");
    cutting.check();
    check(
        objective != Objective.SFT || !repeats.comparesTexts(),
        "near-duplicates compares whole examples, in which a shared prompt counts; objective sft takes 0");
    check(shardBytes >= 1, "shard-bytes " + shardBytes + " is out of range: at least 1");
    check(
        maxRejectedShare >= 0 && maxRejectedShare <= 1,
        "max-rejected-share " + maxRejectedShare + " is out of range: 0 to 1");
  }

  /**
   * Bytes that make one output file of so large an input: files grow with it up to 256 MiB, for a
   * data set of millions of files opens slowly. Until then there are up to 1,024 of them, for all
   * machines to have some. The input alone decides, so the files do not depend on the cluster.
   */
  public long shardBytes(long inputBytes) {
    return Math.max(shardBytes, Math.min(inputBytes / SHARDS, LARGEST_SHARD));
  }

  /** The same into another output. */
  public PrepSettings withOutput(String other) {
    return new PrepSettings(
        inputs,
        other,
        tokenizer,
        objective,
        cutting,
        reading,
        repeats,
        shardBytes,
        maxRejectedShare);
  }

  private static void check(boolean valid, String message) {
    if (!valid) {
      throw new InvalidInputException(message);
    }
  }
}
