package org.uiospark.data.source;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * The rows of those row groups of a Parquet file whose middle lies in a slice. In memory is one row
 * group of the columns that are asked for.
 */
final class ParquetRows implements Closeable {
  private static final String DAMAGED = "damaged Parquet file";
  private static final String ID = "id";

  private final Slice slice;
  private final ParquetSource source;
  private final ParquetFileReader reader;
  private final MessageType schema;
  private final RowJson json = new RowJson();
  private RecordReader<Group> rows;
  private long left;
  private long number;

  /** A step in the library, which has no exception of its own for damaged files. */
  @FunctionalInterface
  private interface Step<T> {
    T run() throws IOException;
  }

  /**
   * @param column the one that is read beside {@code id}; all where it is empty
   */
  ParquetRows(Slice slice, Optional<String> column, Configuration configuration)
      throws IOException {
    this.slice = slice;
    FSDataInputStream file = SourceReader.raw(slice, configuration);
    this.source = new ParquetSource(file, SourceReader.length(slice, configuration));
    try {
      this.reader = guarded(() -> ParquetFileReader.open(source, options(slice, configuration)));
      this.schema = guarded(() -> projection(column));
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private static ParquetReadOptions options(Slice slice, Configuration configuration) {
    return new HadoopReadOptions.Builder(configuration)
        .withUseHadoopVectoredIo(false)
        .usePageChecksumVerification()
        .withRange(slice.start(), slice.end())
        .build();
  }

  /** Damage shows as any exception, and as a length that no heap holds. */
  private <T> T guarded(Step<T> step) throws IOException {
    try {
      return step.run();
    } catch (SpoiledFileException e) {
      throw e;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      source.check();
      throw new SpoiledFileException(
          slice.path(),
          DAMAGED,
          String.format(
              Locale.ROOT,
              "a %s, or one that cannot be read: %s; mend or remove it",
              DAMAGED,
              e instanceof EOFException ? "it ends too soon" : e.getMessage()),
          e);
    }
  }

  private MessageType projection(Optional<String> column) throws IOException {
    checkSizes();
    MessageType all = reader.getFileMetaData().getSchema();
    if (column.isPresent() && !all.containsField(column.get())) {
      List<String> names = all.getFields().stream().map(Type::getName).limit(20).toList();
      throw new SpoiledFileException(
          slice.path(),
          "no column " + column.get(),
          String.format(
              Locale.ROOT,
              "without a column '%s' (it has %s); name the one that holds the text with --text-field",
              column.get(),
              String.join(", ", names)),
          null);
    }
    MessageType used =
        new MessageType(
            all.getName(),
            all.getFields().stream()
                .filter(
                    field ->
                        column.isEmpty()
                            || field.getName().equals(column.get())
                            || field.getName().equals(ID))
                .toList());
    reader.setRequestedSchema(used);
    return used;
  }

  /** Makes sure that the file can hold what it says: the library makes room for that. */
  private void checkSizes() throws IOException {
    for (BlockMetaData group : reader.getRowGroups()) {
      for (ColumnChunkMetaData chunk : group.getColumns()) {
        long start = chunk.getStartingPos();
        if (start < 0
            || chunk.getTotalSize() < 0
            || chunk.getTotalSize() > source.getLength() - start) {
          throw new EOFException();
        }
        if (isFlat(chunk) && chunk.getValueCount() != group.getRowCount()) {
          throw new IOException("its row groups and columns differ in their numbers of rows");
        }
      }
    }
  }

  private boolean isFlat(ColumnChunkMetaData chunk) {
    String[] path = chunk.getPath().toArray();
    return reader.getFileMetaData().getSchema().getMaxRepetitionLevel(path) == 0;
  }

  /** The next row, or null after the last. */
  JsonNode next() throws IOException {
    return guarded(
        () -> {
          while (left == 0) {
            if (!nextGroup()) {
              return null;
            }
          }
          left--;
          number++;
          return json.of(rows.read());
        });
  }

  private boolean nextGroup() throws IOException {
    PageReadStore pages = reader.readNextRowGroup();
    if (pages == null) {
      return false;
    }
    rows =
        new ColumnIOFactory()
            .getColumnIO(schema, reader.getFileMetaData().getSchema())
            .getRecordReader(pages, new GroupRecordConverter(schema));
    left = pages.getRowCount();
    number = pages.getRowIndexOffset().orElse(number);
    return true;
  }

  /** The number of the last row in its file, from 1. */
  long number() {
    return number;
  }

  /** Bytes of the texts of the last row. */
  long textBytes() {
    return json.textBytes();
  }

  /** Malformed bytes among them. */
  long replaced() {
    return json.replaced();
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
