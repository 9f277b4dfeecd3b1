package org.uiospark.data;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flatbuf.Schema;
import org.apache.arrow.flatbuf.Type;
import org.uiospark.model.memory.TokenSequence;

/**
 * One memory-mapped Arrow stream, read at random. Opening scans the headers of its record batches;
 * a mapping, unlike a channel, survives the interruption of a task that reads it.
 */
final class SequenceFile {
  private final List<Batch> batches = new ArrayList<>();
  private final Map<String, Integer> columns = new HashMap<>();

  private record Batch(long firstRow, long rows, RecordBatch header, ByteBuffer body) {
    ByteBuffer buffer(int index) {
      int start = Math.toIntExact(header.buffers(index).offset());
      int length = Math.toIntExact(header.buffers(index).length());
      return body.slice(start, length).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  SequenceFile(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      long at = 0;
      long row = 0;
      while (at + 8 <= channel.size()) {
        ByteBuffer prefix = read(channel, at, 8);
        int length = prefix.getInt(4);
        if (prefix.getInt(0) != -1) {
          throw new IOException(path + " is not an Arrow stream at byte " + at);
        }
        if (length == 0) {
          break;
        }
        Message message = Message.getRootAsMessage(read(channel, at + 8, length));
        long body = at + 8 + length;
        at = body + message.bodyLength();
        if (message.headerType() == MessageHeader.Schema) {
          columns((Schema) message.header(new Schema()));
        } else if (message.headerType() == MessageHeader.RecordBatch) {
          RecordBatch header = (RecordBatch) message.header(new RecordBatch());
          MappedByteBuffer mapped =
              channel.map(FileChannel.MapMode.READ_ONLY, body, message.bodyLength());
          batches.add(new Batch(row, header.length(), header, mapped));
          row += header.length();
        }
      }
    }
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
  private void columns(Schema schema) throws IOException {
    int buffer = 0;
    for (int i = 0; i < schema.fieldsLength(); i++) {
      Field field = schema.fields(i);
      columns.put(field.name(), buffer);
      buffer +=
          switch (field.typeType()) {
            case Type.List -> 4;
            case Type.Utf8 -> 3;
            case Type.Int -> 2;
            default -> throw new IOException("column " + field.name() + " is of an unknown type");
          };
    }
  }

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
    int[] ids = list(batch, "input_ids", i);
    int[] labels = columns.containsKey("labels") ? list(batch, "labels", i) : ids;
    int docId = columns.get("doc_id");
    ByteBuffer bounds = batch.buffer(docId + 1);
    int start = bounds.getInt(i * 4);
    byte[] name = new byte[bounds.getInt(i * 4 + 4) - start];
    batch.buffer(docId + 2).get(start, name);
    long offset = batch.buffer(columns.get("offset") + 1).getLong(i * 8);
    return new TokenSequence(new String(name, StandardCharsets.UTF_8), offset, ids, labels);
  }

  private int[] list(Batch batch, String column, int i) {
    int first = columns.get(column);
    ByteBuffer bounds = batch.buffer(first + 1);
    int start = bounds.getInt(i * 4);
    int[] values = new int[bounds.getInt(i * 4 + 4) - start];
    batch.buffer(first + 3).asIntBuffer().get(start, values);
    return values;
  }
}
