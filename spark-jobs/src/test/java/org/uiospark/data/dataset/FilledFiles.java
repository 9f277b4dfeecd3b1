package org.uiospark.data.dataset;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.uiospark.data.dataset.DataSetDescription.DataFile;
import org.uiospark.data.dataset.DataSetDescription.Ledger;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.segment.TokenSequence;
import org.uiospark.model.text.TokenizerIdentity;

/** A data set of many files, as prep writes them. */
public final class FilledFiles {
  private FilledFiles() {}

  /**
   * Writes one of random tokens to the disk.
   *
   * @param rows of each file
   * @param tokens of each row, whole segments
   * @param vocabulary tokens are below it
   */
  public static void write(
      Path folder, int files, int rows, int tokens, int segmentLength, int vocabulary)
      throws IOException {
    Files.createDirectories(folder);
    Random random = new Random(files);
    List<DataFile> data = new ArrayList<>();
    for (int i = 0; i < files; i++) {
      String name = String.format(Locale.ROOT, "data-%05d-of-%05d.arrow", i, files);
      Path file = folder.resolve(name);
      String footer;
      try (OutputStream out = Files.newOutputStream(file);
          ArrowSequenceWriter writer = ArrowSequenceWriter.ofText(out)) {
        for (int row = 0; row < rows; row++) {
          int[] ids = random.ints(tokens, 0, vocabulary).toArray();
          writer.write(TokenSequence.of("document " + i, row, ids));
        }
        footer = writer.finish();
      }
      byte[] bytes = Files.readAllBytes(file);
      data.add(new DataFile(name, rows, bytes.length, Sha256.hex(bytes), footer));
    }
    Cutting cutting = new Cutting(segmentLength, tokens / segmentLength, 1, 0);
    Recipe recipe = new Recipe(Objective.LM, cutting, TokenizerIdentity.UNKNOWN, vocabulary, "");
    DataSetDescription set =
        DataSetDescription.empty(folder.toString(), recipe)
            .with(data, (long) files * rows * tokens, new Ledger("documents.jsonl.gz", ""));
    FileSystem local = FileSystem.getLocal(new Configuration()).getRaw();
    DataSetState.replace(
        local,
        new org.apache.hadoop.fs.Path(folder.toString()),
        DataSetState.json(set, "of a test"));
  }
}
