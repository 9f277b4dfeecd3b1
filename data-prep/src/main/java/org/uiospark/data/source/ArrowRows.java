package org.uiospark.data.source;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.arrow.flatbuf.DictionaryBatch;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.DictionaryUtility;
import org.apache.arrow.vector.util.ValueVectorUtility;
import org.apache.arrow.vector.util.VectorBatchAppender;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.uiospark.data.source.Columns.Column;
import org.uiospark.data.source.Columns.Holds;

/**
 * The rows of those record batches of an Arrow file, or stream, that begin in a slice. In memory is
 * one record batch.
 *
 * <p>No length or offset of the file is followed before it is known to lie in the file.
 */
final class ArrowRows implements TableRows {
  private static final String DAMAGED = "damaged Arrow file";

  /** What a file begins with, and a stream does not; the stream in it follows. */
  private static final byte[] MAGIC = "ARROW1\0\0".getBytes(StandardCharsets.US_ASCII);

  private static final int MARK = -1;
  private static final int MAX_METADATA = 16 << 20;
  private static final int COPIED = 1 << 16;

  /** Bytes that one packed byte makes at most: zstd writes 128 KB of one value in four bytes. */
  private static final int MOST_UNPACKED = 1 << 15;

  private final Slice slice;
  private final Columns columns;
  private final FSDataInputStream file;
  private final long length;
  private final BufferAllocator allocator = new RootAllocator();
  private final Map<Long, Dictionary> dictionaries = new TreeMap<>();
  private final ArrowCells cells;
  private VectorSchemaRoot table;
  private long at;
  private long rowsBefore;
  private int row;

  /**
   * @throws SpoiledFileException if the file lacks a column, or is none
   */
  ArrowRows(Slice slice, Columns columns, Configuration configuration) throws IOException {
    this.slice = slice;
    this.columns = columns;
    this.cells = new ArrowCells(columns, dictionaries);
    this.length = SourceReader.length(slice, configuration);
    this.file = SourceReader.raw(slice, configuration);
    try {
      at = Arrays.equals(read(0, (int) Math.min(MAGIC.length, length)), MAGIC) ? MAGIC.length : 0;
      if (!nextMessage()) {
        throw new EOFException();
      }
    } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
      close();
      throw told(e);
    }
  }

  @Override
  public JsonNode next() throws IOException {
    try {
      while (row == table.getRowCount()) {
        rowsBefore += row;
        row = 0;
        table.clear();
        table.setRowCount(0);
        if (!nextMessage()) {
          return null;
        }
      }
      return cells.row(table.getFieldVectors(), row++);
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      throw told(e);
    }
  }

  /** Damage shows as any exception, and as a length that no heap holds. */
  private IOException told(Throwable e) {
    if (e instanceof IOException && !(e instanceof EOFException)) {
      return (IOException) e;
    }
    return damaged(e instanceof EOFException ? "it ends too soon" : e.getMessage(), e);
  }

  private SpoiledFileException damaged(String how, Throwable cause) {
    return new SpoiledFileException(
        slice.path(),
        DAMAGED,
        String.format(
            Locale.ROOT, "a %s, or one that cannot be read: %s; mend or remove it", DAMAGED, how),
        cause);
  }

  /** Follows one message; false behind the slice, or where the stream says that it ends. */
  private boolean nextMessage() throws IOException {
    long start = at;
    if (table != null && start >= slice.end() && slice.end() < length) {
      return false;
    }
    // The first versions of the format had no mark before the size.
    int first = little(read(start, Integer.BYTES)).getInt();
    long header = start + (first == MARK ? 2L : 1L) * Integer.BYTES;
    int size = first == MARK ? little(read(header - Integer.BYTES, Integer.BYTES)).getInt() : first;
    if (size == 0) {
      return false;
    }
    if (size < 0 || size > MAX_METADATA || size > length - header) {
      throw damaged("it ends too soon, in a header of " + size + " bytes at byte " + start, null);
    }
    Message message = Message.getRootAsMessage(little(read(header, size)));
    long body = header + size;
    if (message.bodyLength() < 0 || message.bodyLength() > length - body) {
      throw damaged(
          "it ends too soon, in a body of " + message.bodyLength() + " bytes at byte " + body,
          null);
    }
    at = body + message.bodyLength();
    boolean batch = message.headerType() == MessageHeader.RecordBatch;
    if (message.headerType() == MessageHeader.Schema && table == null) {
      schema(message);
    } else if (batch && table != null) {
      batch((RecordBatch) message.header(new RecordBatch()), start, body, message.bodyLength());
    } else if (message.headerType() == MessageHeader.DictionaryBatch) {
      var values = (DictionaryBatch) message.header(new DictionaryBatch());
      dictionary(values, start, body, message.bodyLength());
    } else {
      throw damaged("a message of type " + message.headerType() + " at byte " + start, null);
    }
    return true;
  }

  private void schema(Message message) throws IOException {
    var schema = MessageSerializer.deserializeSchema(message);
    columns.check(slice.path(), schema.getFields().stream().map(ArrowRows::column).toList());
    List<Field> inMemory = new ArrayList<>();
    for (Field field : schema.getFields()) {
      // Makes the dictionaries too, empty ones.
      inMemory.add(DictionaryUtility.toMemoryFormat(field, allocator, dictionaries));
    }
    table = VectorSchemaRoot.create(new Schema(inMemory), allocator);
  }

  /** Takes the place of the dictionary of that id, or is added to it. */
  private void dictionary(DictionaryBatch header, long start, long body, long bytes)
      throws IOException {
    Dictionary known = dictionaries.get(header.id());
    if (known == null) {
      throw damaged("a dictionary of no column at byte " + start, null);
    }
    FieldVector values = known.getVector();
    if (!header.isDelta()) {
      load(VectorSchemaRoot.of(values), header.data(), start, body, bytes);
      return;
    }
    try (FieldVector more = values.getField().createVector(allocator)) {
      load(VectorSchemaRoot.of(more), header.data(), start, body, bytes);
      // The library copies by these offsets without a look at where they lead.
      ValueVectorUtility.validateFull(values);
      ValueVectorUtility.validateFull(more);
      if ((long) values.getBufferSize() + more.getBufferSize() > Integer.MAX_VALUE) {
        throw damaged("a dictionary over 2 GiB at byte " + start, null);
      }
      VectorBatchAppender.batchAppend(values, more);
    }
  }

  private static Column column(Field field) {
    List<Column> inner = field.getChildren().stream().map(ArrowRows::column).toList();
    Holds holds =
        switch (field.getType().getTypeID()) {
          case Utf8, LargeUtf8, Utf8View -> Holds.TEXT;
          case Struct -> Holds.STRUCT;
          case List, LargeList, FixedSizeList -> Holds.LIST;
          default -> Holds.OTHER;
        };
    String type = field.getType().getTypeID().name().toLowerCase(Locale.ROOT);
    return new Column(
        field.getName(),
        type,
        holds,
        holds == Holds.STRUCT || holds == Holds.LIST ? inner : List.of());
  }

  private void batch(RecordBatch header, long start, long body, long bytes) throws IOException {
    if (start >= slice.start()) {
      load(table, header, start, body, bytes);
      return;
    }
    checkLength(header, start, bytes);
    rowsBefore += header.length();
  }

  /** A row takes a bit at least. */
  private void checkLength(RecordBatch header, long start, long bytes) throws IOException {
    if (header.length() < 0 || header.length() > Byte.SIZE * bytes) {
      throw damaged(header.length() + " rows in " + bytes + " bytes at byte " + start, null);
    }
  }

  private void load(VectorSchemaRoot into, RecordBatch header, long start, long body, long bytes)
      throws IOException {
    checkLength(header, start, bytes);
    int node = 0;
    for (FieldVector column : into.getFieldVectors()) {
      if (header.nodes(node).length() != header.length()) {
        throw damaged("columns of different lengths at byte " + start, null);
      }
      node += nodes(column.getField());
    }
    for (int i = 0; i < header.nodesLength(); i++) {
      if (header.nodes(i).length() < 0 || header.nodes(i).length() > Byte.SIZE * bytes) {
        throw damaged("a column is longer than its batch at byte " + start, null);
      }
    }
    for (int i = 0; i < header.buffersLength(); i++) {
      long from = header.buffers(i).offset();
      long size = header.buffers(i).length();
      if (from < 0 || size < 0 || from > bytes || size > bytes - from) {
        throw damaged("a buffer of " + size + " bytes at " + from + " of its batch", null);
      }
      // A packed one begins with its length unpacked, for which the library makes room.
      if (header.compression() != null && size >= Long.BYTES) {
        long unpacked = little(read(body + from, Long.BYTES)).getLong();
        if (unpacked > Math.min(Integer.MAX_VALUE, size * MOST_UNPACKED)) {
          throw damaged("a buffer of " + size + " bytes with " + unpacked + " packed in it", null);
        }
      }
    }
    // The batch takes the buffer over, unless it cannot be made.
    ArrowBuf buffer = body(body, bytes);
    try (ArrowRecordBatch batch = MessageSerializer.deserializeRecordBatch(header, buffer)) {
      new VectorLoader(into).load(batch);
    } catch (IOException | RuntimeException e) {
      into.clear();
      if (buffer.refCnt() > 0) {
        buffer.getReferenceManager().release(buffer.refCnt());
      }
      // All bytes were read: what the library finds now is in them, not in the storage.
      throw damaged(e.getMessage(), e);
    }
  }

  /** A column and those in it. */
  private static int nodes(Field field) {
    return 1 + field.getChildren().stream().mapToInt(ArrowRows::nodes).sum();
  }

  private ArrowBuf body(long from, long bytes) throws IOException {
    ArrowBuf buffer = allocator.buffer(Math.max(1, bytes));
    try {
      file.seek(from);
      byte[] copied = new byte[COPIED];
      for (long done = 0; done < bytes; ) {
        int count = (int) Math.min(COPIED, bytes - done);
        file.readFully(copied, 0, count);
        buffer.setBytes(done, copied, 0, count);
        done += count;
      }
      return buffer;
    } catch (IOException | RuntimeException e) {
      buffer.close();
      throw e;
    }
  }

  private byte[] read(long from, int count) throws IOException {
    byte[] bytes = new byte[count];
    file.seek(from);
    file.readFully(bytes);
    return bytes;
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public long number() {
    return rowsBefore + row;
  }

  @Override
  public long textBytes() {
    return cells.textBytes();
  }

  @Override
  public long replaced() {
    return cells.replaced();
  }

  @Override
  public void close() throws IOException {
    try {
      dictionaries.values().forEach(each -> each.getVector().close());
      if (table != null) {
        table.close();
      }
    } finally {
      try {
        allocator.close();
      } finally {
        file.close();
      }
    }
  }
}
