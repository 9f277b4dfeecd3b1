package org.uiospark.data.longtext;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.model.text.PieceEncoder.TokenConsumer;

/**
 * The tokens of the sequences that begin in a part of a long text.
 *
 * @param from place of the first of them in the text: so many fill whole sequences
 * @param to place behind the last
 * @param last whether they go to the end of the text
 * @param files that hold them one behind the other, int32, little-endian
 * @param skipped tokens before the first
 */
public record PartTokens(
    LongText text, long from, long to, boolean last, ArrayList<String> files, long skipped)
    implements Serializable {
  private static final int BUFFER = 1 << 16;

  /** Gives all of them. */
  public void read(Configuration configuration, TokenConsumer consumer) throws IOException {
    long left = (to - from) * Integer.BYTES;
    long skip = skipped * Integer.BYTES;
    for (String file : files) {
      Path path = new Path(file);
      try (FSDataInputStream in = AtomicWrite.fileSystem(path, configuration).open(path)) {
        in.seek(skip);
        left -= read(in, left, consumer);
      }
      skip = 0;
    }
    if (left > 0) {
      throw new EOFException(left + " bytes of tokens are missing in " + files);
    }
  }

  private static long read(InputStream in, long most, TokenConsumer consumer) throws IOException {
    long done = 0;
    while (done < most) {
      byte[] bytes = in.readNBytes((int) Math.min(BUFFER, most - done));
      if (bytes.length == 0) {
        break;
      }
      int[] ids = new int[bytes.length / Integer.BYTES];
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(ids);
      consumer.accept(ids);
      done += bytes.length;
    }
    return done;
  }
}
