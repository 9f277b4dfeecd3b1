package org.uiospark.data.dataset;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.arrow.flatbuf.Endianness;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.Int;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flatbuf.Schema;
import org.apache.arrow.flatbuf.Type;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.TokenSequence;

/**
 * One memory-mapped Arrow stream, read at random. Opening scans the headers of its record batches;
 * a mapping, unlike a channel, survives the interruption of a task that reads it. A process may
 * have 65,530 mappings, so there is one for the file, or for every 2 GiB of it.
 *
 * <p>No length or offset of the file is followed before it is known to lie in the file.
 */
final class SequenceFile {
  private static final String IDS = "input_ids";
  private static final String LABELS = "labels";
  private static final String DOC_ID = "doc_id";
  private static final String OFFSET = "offset";
  private static final int MAX_METADATA = 16 << 20;

  private final Path path;
  private final List<Batch> batches = new ArrayList<>();
  private final Map<String, Integer> columns = new HashMap<>();
  private int buffersOfBatch;
  private long rows;
  private ByteBuffer window = ByteBuffer.allocate(0);
  private long windowStart;

  /**
   * One record batch.
   *
   * @param bounds where each of its buffers begins in the body and how long it is: validity,
   *     offsets and values of each column in turn
   */
  private record Batch(long firstRow, ByteBuffer body, int[] bounds) {
    ByteBuffer buffer(int index) {
      return body.slice(bounds[2 * index], bounds[2 * index + 1]).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  /**
   * Opens a local file.
   *
   * @throws InvalidInputException if it is damaged, or not of the columns that prep writes
   */
  SequenceFile(Path path) throws IOException {
    this.path = path;
    try (FileChannel channel = FileChannel.open(path)) {
      scan(channel);
    } catch (InvalidInputException e) {
      throw e;
    } catch (RuntimeException | EOFException e) {
      // Flatbuffers has no exception of its own for a header that points out of itself or spells
      // a name that is no UTF-8.
      throw damaged("a header is not whole", e);
    }
    if (columns.isEmpty()) {
      throw damaged("it has no schema", null);
    }
  }

  private void scan(FileChannel channel) throws IOException {
    long size = channel.size();
    long at = 0;
    while (at + 8 <= size) {
      ByteBuffer prefix = read(channel, at, 8);
      int length = prefix.getInt(4);
      if (prefix.getInt(0) != -1) {
        throw damaged("it is not an Arrow stream at byte " + at, null);
      }
      if (length == 0) {
        break;
      }
      if (length < 0 || length > MAX_METADATA || length > size - at - 8) {
        throw damaged(
            String.format(Locale.ROOT, "a header of %d bytes at byte %d", length, at), null);
      }
      Message message = Message.getRootAsMessage(read(channel, at + 8, length));
      long body = at + 8 + length;
      long bodyLength = message.bodyLength();
      if (bodyLength < 0 || bodyLength > size - body || bodyLength > Integer.MAX_VALUE) {
        throw damaged(
            String.format(Locale.ROOT, "a body of %d bytes at byte %d", bodyLength, body), null);
      }
      if (message.headerType() == MessageHeader.Schema && columns.isEmpty()) {
        columns((Schema) message.header(new Schema()));
      } else if (message.headerType() == MessageHeader.RecordBatch && !columns.isEmpty()) {
        batch(
            (RecordBatch) message.header(new RecordBatch()),
            mapped(channel, body, (int) bodyLength));
      } else {
        throw damaged(
            String.format(Locale.ROOT, "a message of type %d at byte %d", message.headerType(), at),
            null);
      }
      at = body + bodyLength;
    }
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

  private static ByteBuffer read(FileChannel channel, long at, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, at + bytes.position()) < 0) {
        throw new EOFException("Arrow stream ends at byte " + channel.size());
      }
    }
    return bytes.flip();
  }

  /** Index of each column's first buffer: validity, offsets, then the values of lists. */
  private void columns(Schema schema) {
    if (schema.endianness() != Endianness.Little) {
      throw damaged("it is big-endian", null);
    }
    for (int i = 0; i < schema.fieldsLength(); i++) {
      Field field = schema.fields(i);
      String name = String.valueOf(field.name());
      boolean fits =
          switch (name) {
            case IDS, LABELS -> isIntegers(field);
            case DOC_ID -> field.typeType() == Type.Utf8;
            case OFFSET -> isInteger(field, 64);
            default -> isIntegers(field) || field.typeType() == Type.Utf8 || isInteger(field, 64);
          };
      if (!fits || field.dictionary() != null) {
        throw damaged("column " + name + " is not of the type that prep writes", null);
      }
      if (columns.put(name, buffersOfBatch) != null) {
        throw damaged("two columns are named " + name, null);
      }
      buffersOfBatch +=
          switch (field.typeType()) {
            case Type.List -> 4;
            case Type.Utf8 -> 3;
            default -> 2;
          };
    }
    for (String name : List.of(IDS, DOC_ID, OFFSET)) {
      if (!columns.containsKey(name)) {
        throw damaged("it has no column " + name, null);
      }
    }
  }

  private static boolean isIntegers(Field field) {
    return field.typeType() == Type.List
        && field.childrenLength() == 1
        && isInteger(field.children(0), 32);
  }

  private static boolean isInteger(Field field, int bits) {
    return field.typeType() == Type.Int
        && field.type(new Int()) instanceof Int type
        && type.bitWidth() == bits
        && type.isSigned();
  }

  private void batch(RecordBatch header, ByteBuffer body) {
    long length = header.length();
    if (length < 0 || length > body.limit() / Long.BYTES) {
      throw damaged(
          String.format(Locale.ROOT, "a batch of %d rows in %d bytes", length, body.limit()), null);
    }
    if (header.compression() != null || header.buffersLength() != buffersOfBatch) {
      throw damaged("a batch is compressed or not of its schema", null);
    }
    for (int i = 0; i < header.nodesLength(); i++) {
      if (header.nodes(i).nullCount() != 0) {
        throw damaged("it holds nulls", null);
      }
    }
    int[] bounds = new int[2 * buffersOfBatch];
    for (int i = 0; i < buffersOfBatch; i++) {
      long from = header.buffers(i).offset();
      long bytes = header.buffers(i).length();
      if (from < 0 || bytes < 0 || from > body.limit() || bytes > body.limit() - from) {
        throw damaged(
            String.format(Locale.ROOT, "a buffer of %d bytes at %d of its batch", bytes, from),
            null);
      }
      bounds[2 * i] = (int) from;
      bounds[2 * i + 1] = (int) bytes;
    }
    if (length > 0) {
      batches.add(new Batch(rows, body, bounds));
      rows += length;
    }
  }

  /** Number of sequences. */
  long rows() {
    return rows;
  }

  /**
   * One sequence.
   *
   * @throws InvalidInputException if its offsets point out of their buffers
   */
  TokenSequence sequence(long row) {
    int low = 0;
    int high = batches.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (batches.get(middle).firstRow <= row) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    Batch batch = batches.get(low);
    int i = Math.toIntExact(row - batch.firstRow);
    try {
      int[] ids = list(batch, IDS, i);
      int[] labels = columns.containsKey(LABELS) ? list(batch, LABELS, i) : ids;
      ByteBuffer name = slice(batch, columns.get(DOC_ID), 2, 1, i);
      long offset = batch.buffer(columns.get(OFFSET) + 1).getLong(i * Long.BYTES);
      String docId = StandardCharsets.UTF_8.decode(name).toString();
      return new TokenSequence(docId, offset, ids, labels);
    } catch (IndexOutOfBoundsException e) {
      throw damaged(String.format(Locale.ROOT, "row %d points out of its buffers", row), e);
    }
  }

  private int[] list(Batch batch, String column, int i) {
    ByteBuffer values = slice(batch, columns.get(column), 3, Integer.BYTES, i);
    int[] copy = new int[values.remaining() / Integer.BYTES];
    values.order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(copy);
    return copy;
  }

  /** The values of row i, between two of the column's offsets. */
  private static ByteBuffer slice(Batch batch, int column, int values, int width, int i) {
    ByteBuffer bounds = batch.buffer(column + 1);
    int start = bounds.getInt(i * Integer.BYTES);
    int end = bounds.getInt((i + 1) * Integer.BYTES);
    ByteBuffer all = batch.buffer(column + values);
    if (start < 0 || end < start || end > all.limit() / width) {
      throw new IndexOutOfBoundsException("from " + start + " to " + end);
    }
    return all.slice(start * width, (end - start) * width);
  }

  private InvalidInputException damaged(String how, Exception cause) {
    return new InvalidInputException(
        String.format(
            Locale.ROOT, "%s is no Arrow stream that prep wrote: %s; run prep again", path, how),
        cause);
  }
}
