package org.uiospark.data.dataset;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
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
import org.uiospark.data.dataset.StreamFooter.BatchStart;
import org.uiospark.model.segment.TokenSequence;

/**
 * Writes sequences as an Arrow IPC stream in record batches, and behind it the {@link BlockSums} by
 * which a part of it can be read and told to be whole.
 */
public final class ArrowSequenceWriter implements AutoCloseable {
  private static final String TOKENS =
      "{\"feature\":{\"dtype\":\"int32\",\"_type\":\"Value\"},\"_type\":\"Sequence\"}";

  /** As {@code datasets} has them; a batch costs a reader a header and some 100 bytes of memory. */
  private static final int BATCH_ROWS = 1000;

  private static final int BATCH_TOKENS = 1 << 20;

  private final BufferAllocator allocator = new RootAllocator();
  private final VectorSchemaRoot root;
  private final BlockSums sums;
  private final ArrowStreamWriter stream;
  private final List<BatchStart> batches = new ArrayList<>();
  private final List<String> lists;
  private final List<TokenSequence> rows = new ArrayList<>();
  private int held;
  private long tokens;
  private long written;

  private ArrowSequenceWriter(OutputStream out, boolean labels) throws IOException {
    lists = labels ? List.of("input_ids", "labels") : List.of("input_ids");
    root = VectorSchemaRoot.create(schema(labels), allocator);
    sums = new BlockSums(out);
    stream = new ArrowStreamWriter(root, null, Channels.newChannel(sums));
    stream.start();
  }

  /** A file of sequences whose labels are their tokens. */
  public static ArrowSequenceWriter ofText(OutputStream out) throws IOException {
    return new ArrowSequenceWriter(out, false);
  }

  /** A file of sequences with a column of labels. */
  public static ArrowSequenceWriter withLabels(OutputStream out) throws IOException {
    return new ArrowSequenceWriter(out, true);
  }

  /** HuggingFace's description of the columns. */
  static String features(boolean labels) {
    return "{\"input_ids\":"
        + TOKENS
        + (labels ? ",\"labels\":" + TOKENS : "")
        + ",\"doc_id\":{\"dtype\":\"string\",\"_type\":\"Value\"},"
        + "\"offset\":{\"dtype\":\"int64\",\"_type\":\"Value\"}}";
  }

  private static Schema schema(boolean labels) {
    List<Field> fields = new ArrayList<>();
    fields.add(tokens("input_ids"));
    if (labels) {
      fields.add(tokens("labels"));
    }
    fields.add(Field.nullable("doc_id", new ArrowType.Utf8()));
    fields.add(Field.nullable("offset", new ArrowType.Int(64, true)));
    return new Schema(
        fields, Map.of("huggingface", "{\"info\":{\"features\":" + features(labels) + "}}"));
  }

  private static Field tokens(String name) {
    Field item = Field.nullable("item", new ArrowType.Int(32, true));
    return new Field(name, FieldType.nullable(new ArrowType.List()), List.of(item));
  }

  /** Adds a sequence and keeps its arrays; its labels are left out of a file of text. */
  public void write(TokenSequence sequence) throws IOException {
    rows.add(sequence);
    held += sequence.inputIds().length;
    tokens += sequence.inputIds().length;
    if (rows.size() == BATCH_ROWS || held >= BATCH_TOKENS) {
      flush();
    }
  }

  /** Sequences written, those of the open batch included. */
  public long rows() {
    return written + rows.size();
  }

  /** Their tokens. */
  public long tokens() {
    return tokens;
  }

  private void flush() throws IOException {
    if (rows.isEmpty()) {
      return;
    }
    VarCharVector docIds = (VarCharVector) root.getVector("doc_id");
    BigIntVector offsets = (BigIntVector) root.getVector("offset");
    docIds.allocateNew();
    offsets.allocateNew(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      docIds.setSafe(i, rows.get(i).docId().getBytes(StandardCharsets.UTF_8));
      offsets.set(i, rows.get(i).offset());
    }
    fill(lists.get(0), TokenSequence::inputIds);
    if (lists.size() > 1) {
      fill(lists.get(1), TokenSequence::labels);
    }
    root.setRowCount(rows.size());
    batches.add(new BatchStart(sums.written(), written));
    stream.writeBatch();
    root.clear();
    written += rows.size();
    rows.clear();
    held = 0;
  }

  private void fill(String column, Function<TokenSequence, int[]> values) {
    ListVector lists = (ListVector) root.getVector(column);
    IntVector items = (IntVector) lists.getDataVector();
    lists.setInitialCapacity(rows.size());
    lists.allocateNew();
    // ListVector.allocateNew allocates its child too, at the default size.
    items.allocateNew(held);
    int at = 0;
    for (int i = 0; i < rows.size(); i++) {
      int[] row = values.apply(rows.get(i));
      items
          .getDataBuffer()
          .nioBuffer((long) at * Integer.BYTES, row.length * Integer.BYTES)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asIntBuffer()
          .put(row);
      lists.startNewValue(i);
      lists.endValue(i, row.length);
      at += row.length;
    }
    items.getValidityBuffer().setOne(0, (long) at / Byte.SIZE);
    for (int i = at - at % Byte.SIZE; i < at; i++) {
      BitVectorHelper.setBit(items.getValidityBuffer(), i);
    }
    lists.setValueCount(rows.size());
    items.setValueCount(at);
  }

  /**
   * Writes the last batch, the end of the stream, and what stands behind it.
   *
   * @return the SHA-256 of the footer, in hexadecimal digits
   */
  public String finish() throws IOException {
    flush();
    stream.end();
    return sums.finish(batches);
  }

  @Override
  public void close() {
    stream.close();
    root.close();
    allocator.close();
  }
}
