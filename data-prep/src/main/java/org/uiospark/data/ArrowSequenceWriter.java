package org.uiospark.data;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/** Writes sequences as an Arrow IPC stream in small record batches. */
final class ArrowSequenceWriter implements AutoCloseable {
  /** HuggingFace's description of the columns. */
  static final String FEATURES =
      """
      {"input_ids":{"feature":{"dtype":"int32","_type":"Value"},"_type":"Sequence"},\
      "doc_id":{"dtype":"string","_type":"Value"},\
      "offset":{"dtype":"int64","_type":"Value"}}""";

  private static final int BATCH_ROWS = 64;
  private static final int BATCH_TOKENS = 1 << 20;

  private final BufferAllocator allocator = new RootAllocator();
  private final VectorSchemaRoot root;
  private final ArrowStreamWriter stream;
  private final List<Row> rows = new ArrayList<>();
  private int held;
  private long written;

  private record Row(byte[] docId, long offset, int[] tokens) {}

  ArrowSequenceWriter(OutputStream out) throws IOException {
    root = VectorSchemaRoot.create(schema(), allocator);
    stream = new ArrowStreamWriter(root, null, Channels.newChannel(out));
    stream.start();
  }

  private static Schema schema() {
    Field item = Field.nullable("item", new ArrowType.Int(32, true));
    return new Schema(
        List.of(
            new Field("input_ids", FieldType.nullable(new ArrowType.List()), List.of(item)),
            Field.nullable("doc_id", new ArrowType.Utf8()),
            Field.nullable("offset", new ArrowType.Int(64, true))),
        Map.of("huggingface", "{\"info\":{\"features\":" + FEATURES + "}}"));
  }

  /** Adds a sequence; keeps the array. */
  void write(String docId, long offset, int[] tokens) throws IOException {
    rows.add(new Row(docId.getBytes(StandardCharsets.UTF_8), offset, tokens));
    held += tokens.length;
    if (rows.size() == BATCH_ROWS || held >= BATCH_TOKENS) {
      flush();
    }
  }

  /** Sequences written, those of the open batch included. */
  long rows() {
    return written + rows.size();
  }

  private void flush() throws IOException {
    if (rows.isEmpty()) {
      return;
    }
    ListVector lists = (ListVector) root.getVector("input_ids");
    VarCharVector docIds = (VarCharVector) root.getVector("doc_id");
    BigIntVector offsets = (BigIntVector) root.getVector("offset");
    IntVector items = (IntVector) lists.getDataVector();
    lists.setInitialCapacity(rows.size());
    lists.allocateNew();
    // ListVector.allocateNew allocates its child too, at the default size.
    items.allocateNew(held);
    docIds.allocateNew();
    offsets.allocateNew(rows.size());
    int at = 0;
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      items
          .getDataBuffer()
          .nioBuffer((long) at * Integer.BYTES, row.tokens.length * Integer.BYTES)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asIntBuffer()
          .put(row.tokens);
      lists.startNewValue(i);
      lists.endValue(i, row.tokens.length);
      docIds.setSafe(i, row.docId);
      offsets.set(i, row.offset);
      at += row.tokens.length;
    }
    items.getValidityBuffer().setOne(0, (long) at / Byte.SIZE);
    for (int i = at - at % Byte.SIZE; i < at; i++) {
      BitVectorHelper.setBit(items.getValidityBuffer(), i);
    }
    lists.setValueCount(rows.size());
    items.setValueCount(at);
    root.setRowCount(rows.size());
    stream.writeBatch();
    root.clear();
    written += rows.size();
    rows.clear();
    held = 0;
  }

  /** Writes the last batch and the end of the stream. */
  void finish() throws IOException {
    flush();
    stream.end();
  }

  @Override
  public void close() {
    stream.close();
    root.close();
    allocator.close();
  }
}
