package org.uiospark.data.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.util.Text;
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
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String DAMAGED = "damaged Arrow file";

  /** What a file begins with, and a stream does not; the stream in it follows. */
  private static final byte[] MAGIC = "ARROW1\0\0".getBytes(StandardCharsets.US_ASCII);

  private static final int MARK = -1;
  private static final int MAX_METADATA = 16 << 20;
  private static final int COPIED = 1 << 16;

  private final Slice slice;
  private final Columns columns;
  private final FSDataInputStream file;
  private final long length;
  private final BufferAllocator allocator = new RootAllocator();
  private VectorSchemaRoot table;
  private boolean coded;
  private long at;
  private long rowsBefore;
  private int row;
  private long textBytes;
  private long replaced;

  /**
   * @throws SpoiledFileException if the file lacks a column, or is none
   */
  ArrowRows(Slice slice, Columns columns, Configuration configuration) throws IOException {
    this.slice = slice;
    this.columns = columns;
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
      textBytes = 0;
      replaced = 0;
      ObjectNode object = JSON.objectNode();
      for (FieldVector column : table.getFieldVectors()) {
        if (columns.reads(column.getName()) && !column.isNull(row)) {
          object.set(column.getName(), json(column.getObject(row)));
        }
      }
      row++;
      return object;
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
    } else if (message.headerType() != MessageHeader.DictionaryBatch || !coded) {
      throw damaged("a message of type " + message.headerType() + " at byte " + start, null);
    }
    return true;
  }

  private void schema(Message message) throws IOException {
    var schema = MessageSerializer.deserializeSchema(message);
    columns.check(slice.path(), schema.getFields().stream().map(ArrowRows::column).toList());
    coded = schema.getFields().stream().anyMatch(ArrowRows::isCoded);
    table = VectorSchemaRoot.create(schema, allocator);
  }

  /** Whether a column, or one in it, stands in a dictionary. */
  private static boolean isCoded(Field field) {
    return field.getDictionary() != null
        || field.getChildren().stream().anyMatch(ArrowRows::isCoded);
  }

  private static Column column(Field field) {
    List<Column> inner = field.getChildren().stream().map(ArrowRows::column).toList();
    Holds holds =
        switch (field.getType().getTypeID()) {
          case Utf8, LargeUtf8, Utf8View ->
              field.getDictionary() == null ? Holds.TEXT : Holds.OTHER;
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
    // A row takes a bit at least.
    if (header.length() < 0 || header.length() > Byte.SIZE * bytes) {
      throw damaged(header.length() + " rows in " + bytes + " bytes at byte " + start, null);
    }
    if (start < slice.start()) {
      rowsBefore += header.length();
      return;
    }
    int node = 0;
    for (FieldVector column : table.getFieldVectors()) {
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
    }
    // The batch takes the buffer over, unless it cannot be made.
    ArrowBuf buffer = body(body, bytes);
    try (ArrowRecordBatch batch = MessageSerializer.deserializeRecordBatch(header, buffer)) {
      new VectorLoader(table).load(batch);
    } catch (IOException | RuntimeException e) {
      table.clear();
      if (buffer.refCnt() > 0) {
        buffer.getReferenceManager().release(buffer.refCnt());
      }
      throw e;
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

  private JsonNode json(Object value) {
    if (value instanceof Text text) {
      return text(text.copyBytes());
    } else if (value instanceof List<?> list) {
      ArrayNode array = JSON.arrayNode();
      list.forEach(each -> array.add(json(each)));
      return array;
    } else if (value instanceof Map<?, ?> struct) {
      ObjectNode object = JSON.objectNode();
      struct.forEach((name, each) -> object.set(String.valueOf(name), json(each)));
      return object;
    } else if (value instanceof Boolean is) {
      return JSON.booleanNode(is);
    } else if (value instanceof Float || value instanceof Double) {
      return JSON.numberNode(((Number) value).doubleValue());
    } else if (value instanceof Number number) {
      return JSON.numberNode(number.longValue());
    }
    // Decimals, bytes and times are no text.
    return JSON.nullNode();
  }

  private JsonNode text(byte[] bytes) {
    Utf8Text text = Utf8Text.of(bytes);
    textBytes += bytes.length;
    replaced += text.replaced();
    return JSON.textNode(text.text());
  }

  @Override
  public long number() {
    return rowsBefore + row;
  }

  @Override
  public long textBytes() {
    return textBytes;
  }

  @Override
  public long replaced() {
    return replaced;
  }

  @Override
  public void close() throws IOException {
    try {
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
