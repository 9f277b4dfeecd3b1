package org.uiospark.data.longtext;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.UUID;
import org.apache.commons.io.input.BoundedInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.uiospark.data.source.Slice;
import org.uiospark.data.source.SourceReader;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.model.input.UnicodeReader;
import org.uiospark.model.text.Joints;
import org.uiospark.model.text.PieceEncoder;
import org.uiospark.model.text.TextTokenizer;
import org.uiospark.model.text.UnencodableTextException;

/**
 * Makes tokens of a part of a text. A part begins at the first place behind its boundary where a
 * text may be cut; one that has no such place before the next boundary is empty, and what it holds
 * belongs to the part before. So the tokens of all parts are those of the text.
 */
public final class PartEncoder {
  private static final long NONE = -1;

  private final PieceEncoder encoder;
  private final Joints joints;
  private final String folder;
  private final Configuration configuration;

  /**
   * The tokens of a part.
   *
   * @param file int32, little-endian; not there where a text has no tokens in parts
   * @param tokens how many they are; -1 if the text has to be encoded as a whole
   */
  public record Encoded(LongText.Part part, String file, long tokens) implements Serializable {
    boolean isWhole() {
      return tokens < 0;
    }
  }

  /**
   * @param folder gets a file a part
   */
  public PartEncoder(TextTokenizer tokenizer, String folder, Configuration configuration) {
    this.encoder = new PieceEncoder(tokenizer);
    this.joints = Joints.of(tokenizer);
    this.folder = folder;
    this.configuration = configuration;
  }

  /** Writes the tokens of a part. */
  public Encoded encode(LongText.Part part) throws IOException {
    // Every attempt has a name of its own, so two of them never write the same file.
    String name = String.format(Locale.ROOT, "%05d-%s.tokens", part.number(), UUID.randomUUID());
    Path file = new Path(folder, name);
    long start = part.isFirst() ? 0 : cut(part.text(), part.number());
    if (start == NONE) {
      return new Encoded(part, file.toString(), 0);
    }
    if (part.isFirst() && !isUtf8(part.text().slice())) {
      return new Encoded(part, file.toString(), NONE);
    }
    long first = joints.isDropped() && !part.isFirst() ? start + 1 : start;
    try (InputStream in = SourceReader.openAt(part.text().slice(), first, configuration);
        UnicodeReader text = new UnicodeReader(until(in, end(part) - first));
        OutputStream out = AtomicWrite.open(AtomicWrite.fileSystem(file, configuration), file)) {
      long tokens = encoder.encode(text, name, ids -> out.write(bytes(ids)));
      return new Encoded(part, file.toString(), tokens);
    } catch (UnencodableTextException e) {
      // Encoded as a whole it is refused with the place in the text.
      return new Encoded(part, file.toString(), NONE);
    }
  }

  private static InputStream until(InputStream in, long count) throws IOException {
    return BoundedInputStream.builder().setInputStream(in).setMaxCount(count).get();
  }

  private boolean isUtf8(Slice slice) throws IOException {
    try (InputStream in = SourceReader.openAt(slice, 0, configuration)) {
      return SourceReader.canBeCut(in);
    }
  }

  private long cut(LongText text, int part) throws IOException {
    long from = text.boundary(part);
    try (InputStream in = SourceReader.openAt(text.slice(), from, configuration)) {
      return Utf8Cut.find(in, from, text.boundary(part + 1), joints);
    }
  }

  private long end(LongText.Part part) throws IOException {
    for (int next = part.number() + 1; next < part.text().count(); next++) {
      long cut = cut(part.text(), next);
      if (cut != NONE) {
        return cut;
      }
    }
    return Long.MAX_VALUE;
  }

  private static byte[] bytes(int[] ids) {
    ByteBuffer bytes = ByteBuffer.allocate(ids.length * Integer.BYTES);
    bytes.order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().put(ids);
    return bytes.array();
  }
}
