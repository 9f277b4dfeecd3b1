package org.uiospark.data.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.apache.commons.io.input.ReaderInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.TextReading;
import org.uiospark.data.source.RecordConsumer.Place;
import org.uiospark.data.source.SourceKind.Content;
import org.uiospark.data.source.json.JsonBytes;
import org.uiospark.data.source.json.JsonValues;
import org.uiospark.data.source.json.LineStream;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.model.input.NodeFailureException;
import org.uiospark.model.input.UnicodeReader;

/**
 * Reads input files of every kind: unpacks them, decodes them and finds their records. A file that
 * is not what its name says ends in {@link SpoiledFileException}.
 */
public final class SourceReader {
  private static final int MAX_RECORD_BYTES = 64 << 20;
  private static final int BUFFER = 1 << 16;
  private static final int LONGEST_MARK = 4;
  private static final ObjectMapper JSON = mapper();

  private static final RecordConsumer NOTHING =
      new RecordConsumer() {
        @Override
        public void record(JsonNode record, Place place) {}

        @Override
        public void malformed(Place place, String reason) {}

        @Override
        public void replaced(Slice slice, long bytes) {}
      };

  private final TextReading reading;
  private final Columns columns;
  private final Configuration configuration;

  /** A reader of any number of slices. */
  public SourceReader(PrepSettings settings, Configuration configuration) {
    this.reading = settings.reading();
    this.columns = Columns.of(settings);
    this.configuration = configuration;
  }

  private static ObjectMapper mapper() {
    ObjectMapper mapper =
        JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            // Python writes NaN and Infinity; a field that nobody asks for may hold them.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();
    mapper
        .getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder().maxStringLength(MAX_RECORD_BYTES).build());
    return mapper;
  }

  /** The unpacked bytes of a file from the byte before the slice on. */
  public static InputStream open(Slice slice, Configuration configuration) throws IOException {
    return openAt(slice, Math.max(0, slice.start() - 1), configuration);
  }

  /** The unpacked bytes of the file of a slice from one of its bytes on; they can be marked. */
  public static InputStream openAt(Slice slice, long position, Configuration configuration)
      throws IOException {
    FSDataInputStream raw = raw(slice, configuration);
    try {
      // Skipping would make S3 send all that lies before.
      raw.seek(position);
    } catch (IOException e) {
      raw.close();
      throw e;
    }
    InputStream in = new BufferedInputStream(raw, buffer(slice));
    Compression compression = slice.kind().compression();
    return compression == Compression.NONE
        ? in
        : new BufferedInputStream(new UnpackedInput(slice.path(), compression, in), BUFFER);
  }

  /** No more than a small file needs: a corpus may have a million of them. */
  private static int buffer(Slice slice) {
    return (int) Math.max(1 << 9, Math.min(BUFFER, slice.bytes()));
  }

  static FSDataInputStream raw(Slice slice, Configuration configuration) throws IOException {
    Path path = new Path(slice.path());
    try {
      // Hadoop cannot name the checksum file of a name with a colon, as titles of books have one.
      return AtomicWrite.fileSystem(path, configuration).open(path, buffer(slice));
    } catch (FileNotFoundException e) {
      String message =
          String.format(
              Locale.ROOT,
              "%s was listed and cannot be opened: %s; check that every machine sees it, and run again when nothing changes the input",
              path,
              e.getMessage());
      // Another machine may have it, so Spark tries again; if none has, the user reads this line.
      throw new NodeFailureException(message, e);
    }
  }

  /** The length of the whole file, in bytes. */
  static long length(Slice slice, Configuration configuration) throws IOException {
    Path path = new Path(slice.path());
    return AtomicWrite.fileSystem(path, configuration).getFileStatus(path).getLen();
  }

  /** The lines of plain JSONL that begin in a slice. */
  public static LineStream lineStream(InputStream in, Slice slice) throws IOException {
    LineStream lines = new LineStream(in, Math.max(0, slice.start() - 1), MAX_RECORD_BYTES);
    // A line belongs to the slice where it begins: go on from the end of the line before.
    if (slice.start() > 0) {
      lines.next();
    }
    return lines;
  }

  /** Whether plain JSONL may be cut at any byte: a line of UTF-16 does not end at a byte. */
  public static boolean canBeCut(InputStream in) throws IOException {
    return UnicodeReader.charset(ByteBuffer.wrap(in.readNBytes(LONGEST_MARK)))
        .equals(StandardCharsets.UTF_8);
  }

  /**
   * Refuses a text, once all of it was read, if too much of it was no text.
   *
   * @param consumer told of what is borne
   */
  public void checkText(Slice slice, UnicodeReader text, RecordConsumer consumer)
      throws IOException {
    String no = "no text in UTF-8, nor in UTF-16 or UTF-32 with a byte order mark: %d of its %d";
    if (!reading.bears(text.nulls(), text.bytes())) {
      throw new SpoiledFileException(
          slice.path(),
          "not UTF-8",
          String.format(
              Locale.ROOT,
              no + " bytes are NUL, as in UTF-16; convert it with iconv",
              text.nulls(),
              text.bytes()),
          null);
    }
    if (!reading.bears(text.replaced(), text.bytes())) {
      throw new SpoiledFileException(
          slice.path(),
          "not UTF-8",
          String.format(
              Locale.ROOT,
              no + " bytes are malformed, as in Latin-1; convert it with iconv",
              text.replaced(),
              text.bytes()),
          null);
    }
    consumer.replaced(slice, text.replaced());
  }

  /** Reads a slice to its end and keeps nothing. */
  public void check(Slice slice) throws IOException {
    if (slice.kind().content() != Content.TEXT) {
      records(slice, NOTHING);
      return;
    }
    try (UnicodeReader text = new UnicodeReader(open(slice, configuration))) {
      text.transferTo(Writer.nullWriter());
      checkText(slice, text, NOTHING);
    }
  }

  /** Gives all records of a slice. */
  public void records(Slice slice, RecordConsumer consumer) throws IOException {
    if (slice.kind().content().isTable()) {
      rows(slice, consumer);
      return;
    }
    try (InputStream in = open(slice, configuration)) {
      in.mark(LONGEST_MARK);
      boolean cuttable = slice.start() > 0 || canBeCut(in);
      in.reset();
      if (!cuttable) {
        recoded(in, slice, consumer);
      } else if (slice.lines()) {
        LineStream lines = lineStream(in, slice);
        // Lines that begin behind the slice are another's.
        values(lines, () -> lines.position() < slice.end(), slice, consumer);
      } else {
        values(pieces(in, slice), () -> true, slice, consumer);
      }
    }
  }

  /** Reads a file with a byte order mark of UTF-16 or UTF-32 as if it were UTF-8. */
  private void recoded(InputStream in, Slice slice, RecordConsumer consumer) throws IOException {
    UnicodeReader text = new UnicodeReader(in);
    InputStream utf8 = utf8(text);
    values(pieces(utf8, slice), () -> true, slice, consumer);
    checkText(slice, text, consumer);
  }

  private static InputStream utf8(Reader text) throws IOException {
    return ReaderInputStream.builder().setReader(text).setCharset(StandardCharsets.UTF_8).get();
  }

  private static JsonBytes pieces(InputStream in, Slice slice) throws IOException {
    return slice.kind().content() == Content.JSON
        ? JsonValues.of(in, MAX_RECORD_BYTES)
        : new LineStream(in, 0, MAX_RECORD_BYTES);
  }

  private void values(JsonBytes pieces, BooleanSupplier more, Slice slice, RecordConsumer consumer)
      throws IOException {
    long number = slice.firstLine();
    while (more.getAsBoolean()) {
      byte[] piece = pieces.next();
      if (piece == null) {
        break;
      }
      number++;
      Place place = new Place(slice, number);
      if (pieces.tooLong()) {
        consumer.malformed(place, "longer than 64 MB");
      } else {
        value(piece, place, consumer);
      }
    }
  }

  private void value(byte[] bytes, Place place, RecordConsumer consumer) throws IOException {
    Utf8Text line = Utf8Text.of(bytes);
    if (line.text().isBlank()) {
      return;
    }
    if (!reading.bears(line.replaced(), bytes.length)) {
      consumer.malformed(
          place,
          String.format(
              Locale.ROOT,
              "not UTF-8: %d of its %d bytes are malformed",
              line.replaced(),
              bytes.length));
      return;
    }
    JsonNode record;
    try {
      record = JSON.readTree(line.text());
    } catch (JsonProcessingException e) {
      consumer.malformed(place, "no JSON: " + reason(line, e));
      return;
    }
    consumer.replaced(place.slice(), line.replaced());
    consumer.record(record, place);
  }

  private static String reason(Utf8Text line, JsonProcessingException e) {
    return line.text().indexOf('\0') >= 0
        ? "it holds NUL, as UTF-16 without a byte order mark does; convert it with iconv"
        : e.getOriginalMessage().lines().findFirst().orElse("");
  }

  private void rows(Slice slice, RecordConsumer consumer) throws IOException {
    try (TableRows rows = table(slice)) {
      for (JsonNode row = rows.next(); row != null; row = rows.next()) {
        Place place = new Place(slice, rows.number());
        if (reading.bears(rows.replaced(), rows.textBytes())) {
          consumer.replaced(slice, rows.replaced());
          consumer.record(row, place);
        } else {
          consumer.malformed(
              place,
              String.format(
                  Locale.ROOT,
                  "not UTF-8: %d of its %d bytes are malformed",
                  rows.replaced(),
                  rows.textBytes()));
        }
      }
    }
  }

  private TableRows table(Slice slice) throws IOException {
    return slice.kind().content() == Content.ARROW
        ? new ArrowRows(slice, columns, configuration)
        : new ParquetRows(slice, columns, configuration);
  }
}
