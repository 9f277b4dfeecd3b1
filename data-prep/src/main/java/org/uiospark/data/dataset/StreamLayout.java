package org.uiospark.data.dataset;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntToLongFunction;
import org.apache.arrow.flatbuf.Endianness;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.Int;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flatbuf.Schema;
import org.apache.arrow.flatbuf.Type;
import org.uiospark.model.segment.TokenSequence;

/**
 * Where the columns of prep lie in the body of a record batch. No length or offset is followed
 * before it is known to lie in what holds it.
 */
final class StreamLayout {
  private static final String IDS = "input_ids";
  private static final String LABELS = "labels";
  private static final String DOC_ID = "doc_id";
  private static final String OFFSET = "offset";

  /** Index of each column's first buffer: validity, offsets, then the values of lists. */
  private final Map<String, Integer> columns = new HashMap<>();

  private int buffersOfBatch;

  /**
   * Part of a body.
   *
   * @param from where it begins
   * @param length bytes
   */
  record Slice(int from, int length) {}

  /** The body of a record batch. */
  @FunctionalInterface
  interface Body {
    /** Parts of it, in their order; their bytes are little-endian. */
    List<ByteBuffer> read(List<Slice> slices) throws IOException;
  }

  /**
   * A record batch.
   *
   * @param rows at least one, or none of its buffers is read
   * @param bounds where each of its buffers begins in the body and how long it is: validity,
   *     offsets and values of each column in turn
   */
  record Batch(long rows, Body body, int[] bounds) {}

  /**
   * The layout that a schema gives.
   *
   * @throws IllegalArgumentException if it is not that of the columns that prep writes
   */
  StreamLayout(Schema schema) {
    if (schema.endianness() != Endianness.Little) {
      throw new IllegalArgumentException("it is big-endian");
    }
    for (int i = 0; i < schema.fieldsLength(); i++) {
      add(schema.fields(i));
    }
    for (String name : List.of(IDS, DOC_ID, OFFSET)) {
      if (!columns.containsKey(name)) {
        throw new IllegalArgumentException("it has no column " + name);
      }
    }
  }

  private void add(Field field) {
    String name = String.valueOf(field.name());
    boolean fits =
        switch (name) {
          case IDS, LABELS -> isIntegers(field);
          case DOC_ID -> field.typeType() == Type.Utf8;
          case OFFSET -> isInteger(field, 64);
          default -> isIntegers(field) || field.typeType() == Type.Utf8 || isInteger(field, 64);
        };
    if (!fits || field.dictionary() != null) {
      throw new IllegalArgumentException("column " + name + " is not of the type that prep writes");
    }
    if (columns.put(name, buffersOfBatch) != null) {
      throw new IllegalArgumentException("two columns are named " + name);
    }
    buffersOfBatch +=
        switch (field.typeType()) {
          case Type.List -> 4;
          case Type.Utf8 -> 3;
          default -> 2;
        };
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

  /**
   * A record batch of this layout.
   *
   * @param size bytes of its body
   * @throws IllegalArgumentException if its header says what cannot be
   */
  Batch batch(RecordBatch header, int size, Body body) {
    long length = header.length();
    if (length < 0 || length > size / Long.BYTES) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "a batch of %d rows in %d bytes", length, size));
    }
    if (header.compression() != null || header.buffersLength() != buffersOfBatch) {
      throw new IllegalArgumentException("a batch is compressed or not of its schema");
    }
    for (int i = 0; i < header.nodesLength(); i++) {
      if (header.nodes(i).nullCount() != 0) {
        throw new IllegalArgumentException("it holds nulls");
      }
    }
    int[] bounds = new int[2 * buffersOfBatch];
    for (int i = 0; i < buffersOfBatch; i++) {
      long from = header.buffers(i).offset();
      long bytes = header.buffers(i).length();
      if (from < 0 || bytes < 0 || from > size || bytes > size - from) {
        throw new IllegalArgumentException(
            String.format(Locale.ROOT, "a buffer of %d bytes at %d of its batch", bytes, from));
      }
      bounds[2 * i] = (int) from;
      bounds[2 * i + 1] = (int) bytes;
    }
    return new Batch(length, body, bounds);
  }

  /** The batch of a row: the last of those, in their order, that begins at or before it. */
  static int batchOf(long row, int batches, IntToLongFunction firstRow) {
    int low = 0;
    int high = batches - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (firstRow.applyAsLong(middle) <= row) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /**
   * A row: first its ends in all columns are read, then what lies between them.
   *
   * @param i row of the batch
   * @throws IndexOutOfBoundsException if its ends lie out of their buffers
   */
  TokenSequence row(Batch batch, int i) throws IOException {
    int ids = columns.get(IDS);
    int docId = columns.get(DOC_ID);
    Integer labels = columns.get(LABELS);
    List<Slice> ends = new ArrayList<>();
    ends.add(ends(batch, docId, i));
    ends.add(slice(batch, columns.get(OFFSET) + 1, (long) i * Long.BYTES, Long.BYTES));
    ends.add(ends(batch, ids, i));
    if (labels != null) {
      ends.add(ends(batch, labels, i));
    }
    List<ByteBuffer> found = batch.body.read(ends);
    List<Slice> values = new ArrayList<>();
    values.add(between(batch, docId + 2, 1, found.get(0)));
    values.add(between(batch, ids + 3, Integer.BYTES, found.get(2)));
    if (labels != null) {
      values.add(between(batch, labels + 3, Integer.BYTES, found.get(3)));
    }
    List<ByteBuffer> content = batch.body.read(values);
    int[] tokens = integers(content.get(1));
    return new TokenSequence(
        StandardCharsets.UTF_8.decode(content.get(0)).toString(),
        found.get(1).getLong(0),
        tokens,
        labels == null ? tokens : integers(content.get(2)));
  }

  /** Two of a column's offsets: row i lies between them. */
  private static Slice ends(Batch batch, int column, int i) {
    return slice(batch, column + 1, (long) i * Integer.BYTES, 2 * Integer.BYTES);
  }

  private static Slice between(Batch batch, int buffer, int width, ByteBuffer ends) {
    long start = ends.getInt(0);
    long end = ends.getInt(Integer.BYTES);
    return slice(batch, buffer, start * width, (end - start) * width);
  }

  private static Slice slice(Batch batch, int buffer, long from, long length) {
    if (from < 0 || length < 0 || from + length > batch.bounds[2 * buffer + 1]) {
      throw new IndexOutOfBoundsException(length + " bytes at " + from);
    }
    return new Slice(batch.bounds[2 * buffer] + (int) from, (int) length);
  }

  private static int[] integers(ByteBuffer values) {
    int[] copy = new int[values.remaining() / Integer.BYTES];
    values.order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(copy);
    return copy;
  }
}
