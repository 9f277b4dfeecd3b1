package org.uiospark.data.dataset;

import java.io.Serializable;
import java.util.List;
import org.uiospark.data.settings.Objective;
import org.uiospark.model.text.TokenizerIdentity;

/**
 * What {@code state.json} says about a committed data set.
 *
 * @param uri directory of the data set
 * @param fingerprint changes whenever the sequences do
 * @param segmentLength tokens a segment
 * @param maxSegments segments a sequence at most
 * @param minSegments segments a sequence at least
 * @param tokenizer which the text went through
 * @param eosTokenId token that closes each document
 * @param vocabularySize of the tokenizer
 * @param sequences number of sequences
 * @param tokens in all sequences
 * @param files Arrow files in order
 * @param ledgers files that list the documents
 * @param objective what the sequences are for
 * @param chatTemplateSha256 of the template that messages went through; empty without one
 */
public record DataSetDescription(
    String uri,
    String fingerprint,
    int segmentLength,
    int maxSegments,
    int minSegments,
    TokenizerIdentity tokenizer,
    int eosTokenId,
    int vocabularySize,
    long sequences,
    long tokens,
    List<DataFile> files,
    List<Ledger> ledgers,
    Objective objective,
    String chatTemplateSha256)
    implements Serializable {
  /**
   * One Arrow file.
   *
   * @param filename in the directory of the data set
   * @param rows sequences
   * @param bytes its size
   * @param sha256 of its content, in hexadecimal digits
   */
  public record DataFile(String filename, long rows, long bytes, String sha256)
      implements Serializable {}

  /**
   * A list of the documents that one run read.
   *
   * @param filename in the directory of the data set
   * @param sha256 of its content, in hexadecimal digits
   */
  public record Ledger(String filename, String sha256) implements Serializable {}

  /** The same data set by another name of its directory. */
  public DataSetDescription at(String otherUri) {
    return new DataSetDescription(
        otherUri,
        fingerprint,
        segmentLength,
        maxSegments,
        minSegments,
        tokenizer,
        eosTokenId,
        vocabularySize,
        sequences,
        tokens,
        files,
        ledgers,
        objective,
        chatTemplateSha256);
  }
}
