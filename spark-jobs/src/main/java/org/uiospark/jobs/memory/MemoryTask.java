package org.uiospark.jobs.memory;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.uiospark.data.commit.ListedText;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.data.storage.HadoopSettings;
import org.uiospark.jobs.memory.MemoryWork.Piece;
import org.uiospark.jobs.task.SentModel;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.memory.EncodedRows;
import org.uiospark.model.memory.MemoryFile;
import org.uiospark.model.memory.MemoryHeader;
import org.uiospark.model.memory.MemoryLayout;
import org.uiospark.model.memory.MemoryOrigin;
import org.uiospark.model.memory.MemoryRows;
import org.uiospark.model.memory.StoredRows;
import org.uiospark.model.memory.TextPrefixes;
import org.uiospark.model.reading.SegmentEncoder;

/**
 * What Spark tasks do with texts: look for what is known of them, encode some segments, and join
 * what was encoded apart. A file has the same bytes whoever writes it, so any task may be run
 * twice.
 *
 * @param sent encodes
 * @param origin what the memories are made with
 * @param tokens of all texts
 * @param folder of the memory files
 * @param work folder for what is still to be joined
 * @param hadoop settings of the file systems
 */
record MemoryTask(
    SentModel sent,
    MemoryOrigin origin,
    TextTokens tokens,
    String folder,
    String work,
    HadoopSettings hadoop)
    implements Serializable {
  /** Ends the name of a memory file. */
  static final String ENDING = ".safetensors";

  /**
   * What a task left of a piece.
   *
   * @param entry of the text, if the piece is all of it; else null
   * @param path of its rows, if it is not; else null
   */
  record Encoded(MemoryEntry entry, String path) implements Serializable {}

  /**
   * A text and what its memories are joined of.
   *
   * @param work the text
   * @param pieces that were encoded, in their order
   * @param paths of their rows
   */
  record Parts(MemoryWork work, ArrayList<Piece> pieces, ArrayList<String> paths)
      implements Serializable {}

  /**
   * How much of a text is known.
   *
   * @param known memory files by the first segment of their texts
   */
  MemoryWork compare(ListedText text, HashMap<String, ArrayList<String>> known) {
    int segments = Math.toIntExact(text.tokens() / origin.segmentLength());
    MemoryWork best = new MemoryWork(text, "", 0, segments);
    TextPrefixes prefixes = new TextPrefixes(origin.segmentLength());
    tokens.add(text, 0, 1, prefixes);
    List<String> alike = known.getOrDefault(prefixes.first(), new ArrayList<>());
    if (segments == 0 || alike.isEmpty()) {
      return best;
    }
    tokens.add(text, 1, text.sequences(), prefixes);
    for (String file : alike) {
      try (MemoryFile memory = StoredMemory.open(new Path(folder, file), hadoop.configuration())) {
        origin.require(file, memory.header().origin());
        int shared = TextPrefixes.shared(prefixes.digests(), memory.prefixes());
        if (shared > best.shared()) {
          best = new MemoryWork(text, file, shared, segments);
        }
      }
    }
    return best;
  }

  /** Encodes segments; where they are all of their text, its file is written at once. */
  Encoded encode(Piece piece) {
    ListedText text = piece.work().text();
    int length = origin.segmentLength();
    int[] ids = tokens.range(text, (long) piece.from() * length, (long) piece.to() * length);
    return sent.with(
        (model, adapter) -> {
          MemoryLayout layout = MemoryLayout.of(model);
          EncodedRows rows =
              new EncodedRows(
                  layout, new SegmentEncoder(model, adapter).encodeEach(piece.from(), ids));
          try {
            return piece.isWhole()
                ? new Encoded(write(text, layout, List.of(rows)), null)
                : new Encoded(null, leave(rows));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** Every attempt has a name of its own, so two of them never write the same file. */
  private String leave(EncodedRows rows) throws IOException {
    Path path = new Path(work, "rows-" + UUID.randomUUID());
    try (OutputStream out =
        AtomicWrite.open(AtomicWrite.fileSystem(path, hadoop.configuration()), path)) {
      rows.writeTo(out);
    }
    return path.toString();
  }

  /** Joins what is known of a text and what was encoded into its file. */
  MemoryEntry join(Parts parts) {
    MemoryWork text = parts.work();
    Configuration configuration = hadoop.configuration();
    MemoryLayout layout = MemoryLayout.of(sent.model());
    try (MemoryFile known =
        text.shared() == 0
            ? null
            : StoredMemory.open(new Path(folder, text.known()), configuration)) {
      List<MemoryRows> rows = new ArrayList<>();
      if (known != null) {
        rows.add(known.first(text.shared()));
      }
      for (int i = 0; i < parts.pieces().size(); i++) {
        Piece piece = parts.pieces().get(i);
        int count = (piece.to() - piece.from()) * origin.memoryTokens();
        Path path = new Path(parts.paths().get(i));
        rows.add(
            new StoredRows(
                layout,
                count,
                StoredMemory.bytes(path, count * layout.memoryBytes(), configuration)));
      }
      return write(text.text(), layout, rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private MemoryEntry write(ListedText text, MemoryLayout layout, List<? extends MemoryRows> rows)
      throws IOException {
    TextPrefixes prefixes = new TextPrefixes(origin.segmentLength());
    tokens.add(text, 0, text.sequences(), prefixes);
    MemoryHeader header = new MemoryHeader(origin, text.tokens(), text.sha256());
    Path path = new Path(folder, text.sha256() + ENDING);
    FileSystem files = AtomicWrite.fileSystem(path, hadoop.configuration());
    MessageDigest digest = Sha256.digest();
    AtomicWrite.replace(
        files,
        path,
        out ->
            MemoryFile.write(new DigestOutputStream(out, digest), header, layout, rows, prefixes));
    return new MemoryEntry(
        text.docId(),
        text.sha256(),
        text.tokens(),
        header.segments(),
        prefixes.first(),
        path.getName(),
        files.getFileStatus(path).getLen(),
        Sha256.hex(digest));
  }
}
