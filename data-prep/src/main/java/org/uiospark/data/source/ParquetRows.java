package org.uiospark.data.source;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.EOFException;
import java.io.IOException;
import java.util.Locale;
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

/**
 * The rows of those row groups of a Parquet file whose middle lies in a slice. In memory is one row
 * group of the columns that are asked for.
 */
final class ParquetRows implements TableRows {
  private static final String DAMAGED = "damaged Parquet file";

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
   * @throws SpoiledFileException if the file lacks a column, or is none
   */
  ParquetRows(Slice slice, Columns columns, Configuration configuration) throws IOException {
    this.slice = slice;
    FSDataInputStream file = SourceReader.raw(slice, configuration);
    this.source = new ParquetSource(file, SourceReader.length(slice, configuration));
    try {
      this.reader = guarded(() -> ParquetFileReader.open(source, options(slice, configuration)));
      this.schema = guarded(() -> projection(columns));
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

  private MessageType projection(Columns columns) throws IOException {
    checkSizes();
    MessageType all = reader.getFileMetaData().getSchema();
    columns.check(slice.path(), ParquetColumns.of(all));
    MessageType used = columns.all() ? all : ParquetColumns.only(all, columns.read());
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

  @Override
  public JsonNode next() throws IOException {
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

  @Override
  public long number() {
    return number;
  }

  @Override
  public long textBytes() {
    return json.textBytes();
  }

  @Override
  public long replaced() {
    return json.replaced();
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
