package org.uiospark.data.dataset;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.uiospark.data.settings.Objective;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.text.TokenizerIdentity;

/**
 * What {@code state.json} says about a committed data set.
 *
 * @param uri directory of the data set
 * @param fingerprint changes whenever the sequences do
 * @param recipe how text became the sequences
 * @param sequences number of sequences
 * @param tokens in all sequences
 * @param files Arrow files in order
 * @param ledgers files that list the documents
 */
public record DataSetDescription(
    String uri,
    String fingerprint,
    Recipe recipe,
    long sequences,
    long tokens,
    List<DataFile> files,
    List<Ledger> ledgers)
    implements Serializable {
  private static final int FINGERPRINT_DIGITS = 16;

  /**
   * One Arrow file.
   *
   * @param filename in the directory of the data set
   * @param rows sequences
   * @param bytes its size
   * @param sha256 of its content, in hexadecimal digits
   * @param footerSha256 the same of its footer; empty in data sets of versions that wrote none
   */
  public record DataFile(String filename, long rows, long bytes, String sha256, String footerSha256)
      implements Serializable {
    /**
     * Compares it with what lies in its place.
     *
     * @param path its place
     * @param found what is there; null for nothing
     * @throws InvalidInputException if it is no file, or of another size
     */
    void check(Path path, FileStatus found) {
      if (found == null || !found.isFile()) {
        throw new InvalidInputException(
            String.format(Locale.ROOT, "%s is missing; run prep again", path));
      }
      if (found.getLen() != bytes) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s has %d bytes instead of %d; run prep again",
                path,
                found.getLen(),
                bytes));
      }
    }
  }

  /**
   * A list of the documents that one run read.
   *
   * @param filename in the directory of the data set
   * @param sha256 of its content, in hexadecimal digits
   */
  public record Ledger(String filename, String sha256) implements Serializable {}

  /** A data set before the first run that adds to it. */
  public static DataSetDescription empty(String uri, Recipe recipe) {
    return new DataSetDescription(uri, "", recipe, 0, 0, List.of(), List.of());
  }

  /** What the sequences are for. */
  public Objective objective() {
    return recipe.objective();
  }

  /**
   * Tokens of the longest sequence that the recipe allows and the tokens suffice for. Documents are
   * cut to that length, so it is that of the longest sequence, unless all documents are shorter.
   */
  public long longestSequence() {
    return Math.min(
        tokens, (long) recipe.cutting().segmentLength() * recipe.cutting().maxSegments());
  }

  /** The tokenizer that the text went through. */
  public TokenizerIdentity tokenizer() {
    return recipe.tokenizer();
  }

  /** The same data set by another name of its directory. */
  public DataSetDescription at(String otherUri) {
    return new DataSetDescription(otherUri, fingerprint, recipe, sequences, tokens, files, ledgers);
  }

  /**
   * The data set with what one more run made.
   *
   * @param added its files
   * @param addedTokens in the sequences of its files
   * @param ledger lists its documents
   */
  public DataSetDescription with(List<DataFile> added, long addedTokens, Ledger ledger) {
    List<DataFile> all = Stream.concat(files.stream(), added.stream()).toList();
    return new DataSetDescription(
        uri,
        fingerprint(all),
        recipe,
        sequences + added.stream().mapToLong(DataFile::rows).sum(),
        tokens + addedTokens,
        all,
        Stream.concat(ledgers.stream(), Stream.of(ledger)).toList());
  }

  private String fingerprint(List<DataFile> all) {
    MessageDigest digest = Sha256.digest();
    digest.update(recipe.fingerprinted().getBytes(StandardCharsets.UTF_8));
    all.forEach(file -> digest.update(file.sha256().getBytes(StandardCharsets.UTF_8)));
    return Sha256.hex(digest).substring(0, FINGERPRINT_DIGITS);
  }
}
