package org.uiospark.data.prep;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.commit.DocumentName;
import org.uiospark.data.copies.Fate;
import org.uiospark.data.copies.LeftOut;
import org.uiospark.data.encode.ExampleColumns;
import org.uiospark.data.encode.MalformedRecordException;
import org.uiospark.data.encode.SftEncoder;
import org.uiospark.data.encode.TextRecord;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.source.RecordConsumer;
import org.uiospark.data.source.Slice;
import org.uiospark.data.source.SourceKind.Content;
import org.uiospark.data.source.SourceReader;
import org.uiospark.data.source.SpoiledFileException;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.input.UnicodeReader;

/**
 * Reads the documents of slices in their order and hands on those that are not left out.
 *
 * <p>Malformed UTF-8 becomes U+FFFD, as most readers do; a lost byte in a book loses no book.
 */
final class ShardReader implements RecordConsumer {
  private final PrepSettings settings;
  private final Configuration configuration;
  private final SourceReader sources;
  private final DocumentSink sink;
  private final ShardResult result;
  private LeftOut leftOut;
  private int documents;

  /**
   * @param configuration of the file systems
   * @param sink gets the documents
   * @param result counts what was read, and what was not
   */
  ShardReader(
      PrepSettings settings, Configuration configuration, DocumentSink sink, ShardResult result) {
    this.settings = settings;
    this.configuration = configuration;
    this.sources = new SourceReader(settings, configuration);
    this.sink = sink;
    this.result = result;
  }

  /**
   * Reads one slice.
   *
   * @param leaveOut which of its documents are left out
   * @throws SpoiledFileException if its file is not what its name says
   */
  void read(Slice slice, LeftOut leaveOut) throws IOException {
    leftOut = leaveOut;
    documents = 0;
    if (slice.kind().content() == Content.TEXT) {
      text(slice);
    } else {
      sources.records(slice, this);
    }
    if (!leftOut.fits(documents)) {
      throw new InvalidInputException(
          slice.path() + " changed while it was read; run again when nothing changes the input");
    }
  }

  private void text(Slice slice) throws IOException {
    result.records++;
    Document document = new Document(DocumentName.at(slice.name()), slice.path());
    Fate fate = leftOut.of(documents++);
    if (fate != Fate.STAYS) {
      leave(document, fate, () -> hash(slice));
      return;
    }
    MessageDigest digest = Sha256.digest();
    try (DigestInputStream in =
            new DigestInputStream(SourceReader.open(slice, configuration), digest);
        UnicodeReader reader = new UnicodeReader(in)) {
      boolean taken = sink.text(document, reader);
      // What was not taken may not be text at all.
      reader.transferTo(Writer.nullWriter());
      sources.checkText(slice, reader, this);
      if (taken) {
        sink.end(document, Sha256.hex(digest));
      }
    }
  }

  private String hash(Slice slice) throws IOException {
    try (InputStream in = SourceReader.open(slice, configuration)) {
      return Sha256.hex(in);
    }
  }

  @Override
  public void record(JsonNode record, Place place) throws IOException {
    result.records++;
    result.lines++;
    RecordFields fields = settings.reading().fields();
    Document document =
        new Document(DocumentName.of(fields.id().in(record), place.id()), place.where());
    try {
      if (settings.objective() == Objective.SFT) {
        example(document, ExampleColumns.instruction(record, fields));
      } else {
        text(document, TextRecord.text(record, fields.text()));
      }
    } catch (MalformedRecordException e) {
      result.malformed(place.where(), e.getMessage());
    }
  }

  private void text(Document document, String text) throws IOException {
    Fate fate = leftOut.of(documents++);
    if (fate != Fate.STAYS) {
      leave(document, fate, () -> hash(text));
    } else if (sink.text(document, new StringReader(text))) {
      sink.end(document, hash(text));
    }
  }

  private void example(Document document, JsonNode record)
      throws IOException, MalformedRecordException {
    String content = SftEncoder.content(record);
    Fate fate = leftOut.of(documents++);
    if (fate != Fate.STAYS) {
      leave(document, fate, () -> hash(content));
    } else {
      sink.example(document, record, hash(content));
    }
  }

  /** A sum over a content, which not every document needs. */
  private interface Hashed {
    String sha256() throws IOException;
  }

  private void leave(Document document, Fate fate, Hashed content) throws IOException {
    switch (fate) {
      case KNOWN -> result.skipped++;
      case DUPLICATE -> result.leave(ShardResult.DUPLICATE);
      default -> sink.near(document, content.sha256());
    }
  }

  private static String hash(String content) {
    return Sha256.hex(content.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void malformed(Place place, String reason) {
    result.records++;
    result.lines++;
    result.malformed(place.where(), reason);
  }

  @Override
  public void replaced(Slice slice, long bytes) {
    if (bytes > 0) {
      result.replaced.merge(slice.path(), bytes, Long::sum);
    }
  }
}
