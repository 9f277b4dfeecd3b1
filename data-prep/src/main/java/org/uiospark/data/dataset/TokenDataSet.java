package org.uiospark.data.dataset;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.uiospark.data.dataset.DataSetDescription.DataFile;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.data.storage.InputFile;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.segment.TokenSequence;
import org.uiospark.model.text.TokenizerIdentity;

/**
 * A data set of tokens that are at hand, without text or tokenizer: one file, as prep writes it.
 */
public final class TokenDataSet {
  private static final String FILE = "data-00000-of-00001.arrow";

  private TokenDataSet() {}

  /**
   * Writes and commits a new data set.
   *
   * @param uri directory of the data set; it is created
   * @param sequences whose labels are their tokens
   * @param segmentLength tokens a segment
   * @param vocabulary tokens are below it
   * @param sparkVersion for the provenance
   */
  public static void write(
      String uri,
      List<TokenSequence> sequences,
      int segmentLength,
      int vocabulary,
      String sparkVersion,
      Configuration configuration) {
    Path path = new Path(InputFile.path(uri), FILE);
    MessageDigest digest = Sha256.digest();
    try {
      String footer;
      FileSystem files = AtomicWrite.fileSystem(path, configuration);
      try (OutputStream out = new DigestOutputStream(AtomicWrite.open(files, path), digest);
          ArrowSequenceWriter writer = ArrowSequenceWriter.ofText(out)) {
        for (TokenSequence sequence : sequences) {
          writer.write(sequence);
        }
        footer = writer.finish();
      }
      String sha256 = Sha256.hex(digest);
      int longest = sequences.stream().mapToInt(s -> s.segments(segmentLength)).max().orElse(0);
      int shortest = sequences.stream().mapToInt(s -> s.segments(segmentLength)).min().orElse(0);
      long bytes = files.getFileStatus(path).getLen();
      DataSetDescription description =
          new DataSetDescription(
              uri,
              sha256,
              new Recipe(
                  Objective.LM,
                  new Cutting(segmentLength, longest, shortest, 0),
                  TokenizerIdentity.UNKNOWN,
                  vocabulary,
                  ""),
              sequences.size(),
              sequences.stream().mapToLong(s -> s.inputIds().length).sum(),
              List.of(new DataFile(FILE, sequences.size(), bytes, sha256, footer)),
              List.of());
      DataSetState.replace(
          files, InputFile.path(uri), DataSetState.json(description, sparkVersion));
    } catch (IOException e) {
      throw new UncheckedIOException("data set " + uri + " cannot be written", e);
    }
  }
}
