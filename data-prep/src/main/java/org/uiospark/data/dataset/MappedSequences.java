package org.uiospark.data.dataset;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flatbuf.Schema;
import org.uiospark.data.dataset.StreamLayout.Batch;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.TokenSequence;

/**
 * One memory-mapped Arrow stream, read at random. Opening scans the headers of its record batches;
 * a mapping, unlike a channel, survives the interruption of a task that reads it. A process may
 * have 65,530 mappings, so there is one for the file, or for every 2 GiB of it.
 *
 * <p>No length or offset of the file is followed before it is known to lie in the file.
 */
final class MappedSequences implements SequenceFile {
  private final Path path;
  private final List<Batch> batches = new ArrayList<>();
  private final List<Long> firstRows = new ArrayList<>();
  private StreamLayout layout;
  private long rows;
  private ByteBuffer window = ByteBuffer.allocate(0);
  private long windowStart;

  /**
   * Opens a local file.
   *
   * @throws InvalidInputException if it is damaged, or not of the columns that prep writes
   */
  MappedSequences(Path path) throws IOException {
    this.path = path;
    try (FileChannel channel = FileChannel.open(path)) {
      scan(channel);
    } catch (IllegalArgumentException e) {
      throw damaged(e.getMessage(), e);
    } catch (RuntimeException | EOFException e) {
      // Flatbuffers has no exception of its own for a header that points out of itself or spells
      // a name that is no UTF-8.
      throw damaged("a header is not whole", e);
    }
    if (layout == null) {
      throw damaged("it has no schema", null);
    }
  }

  private void scan(FileChannel channel) throws IOException {
    long size = channel.size();
    long at = 0;
    Optional<ArrowMessage> next = message(channel, at, size);
    while (next.isPresent()) {
      ArrowMessage message = next.get();
      byte type = message.header().headerType();
      if (type == MessageHeader.Schema && layout == null) {
        layout = new StreamLayout((Schema) message.header().header(new Schema()));
      } else if (type == MessageHeader.RecordBatch && layout != null) {
        add(message, mapped(channel, message.body(), message.bodyLength()));
      } else {
        throw message.misplaced(at);
      }
      at = message.body() + message.bodyLength();
      next = message(channel, at, size);
    }
  }

  private static Optional<ArrowMessage> message(FileChannel channel, long at, long size)
      throws IOException {
    return ArrowMessage.at(at, size, (from, length) -> read(channel, from, length));
  }

  private static ByteBuffer read(FileChannel channel, long at, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, at + bytes.position()) < 0) {
        throw new EOFException("Arrow stream ends at byte " + channel.size());
      }
    }
    return bytes.flip();
  }

  private ByteBuffer mapped(FileChannel channel, long at, int length) throws IOException {
    if (at + length > windowStart + window.limit()) {
      window =
          channel.map(
              FileChannel.MapMode.READ_ONLY, at, Math.min(channel.size() - at, Integer.MAX_VALUE));
      windowStart = at;
    }
    return window.slice((int) (at - windowStart), length);
  }

  private void add(ArrowMessage message, ByteBuffer body) {
    RecordBatch header = (RecordBatch) message.header().header(new RecordBatch());
    Batch batch =
        layout.batch(
            header,
            body.limit(),
            slices ->
                slices.stream()
                    .map(slice -> body.slice(slice.from(), slice.length()))
                    .map(bytes -> bytes.order(ByteOrder.LITTLE_ENDIAN))
                    .toList());
    if (batch.rows() > 0) {
      batches.add(batch);
      firstRows.add(rows);
      rows += batch.rows();
    }
  }

  @Override
  public long rows() {
    return rows;
  }

  @Override
  public TokenSequence sequence(long row) throws IOException {
    int at = StreamLayout.batchOf(row, firstRows.size(), firstRows::get);
    try {
      return layout.row(batches.get(at), Math.toIntExact(row - firstRows.get(at)));
    } catch (IndexOutOfBoundsException e) {
      throw damaged(String.format(Locale.ROOT, "row %d points out of its buffers", row), e);
    }
  }

  private InvalidInputException damaged(String how, Exception cause) {
    return new InvalidInputException(
        String.format(
            Locale.ROOT, "%s is no Arrow stream that prep wrote: %s; run prep again", path, how),
        cause);
  }
}
