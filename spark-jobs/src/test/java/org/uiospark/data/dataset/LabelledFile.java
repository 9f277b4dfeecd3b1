package org.uiospark.data.dataset;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.uiospark.model.segment.TokenSequence;

/** An Arrow file of sequences with labels of their own, written as prep writes it. */
public final class LabelledFile {
  private LabelledFile() {}

  /** Writes it over the one that is there. */
  public static void write(Path file, List<TokenSequence> sequences) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ArrowSequenceWriter writer = ArrowSequenceWriter.withLabels(out)) {
      for (TokenSequence sequence : sequences) {
        writer.write(sequence);
      }
      writer.finish();
    }
  }
}
