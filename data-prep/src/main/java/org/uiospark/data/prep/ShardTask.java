package org.uiospark.data.prep;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.io.StringReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.uiospark.data.commit.DocumentFilter;
import org.uiospark.data.commit.DocumentLedgers;
import org.uiospark.data.commit.DocumentName;
import org.uiospark.data.commit.ShardResult;
import org.uiospark.data.dataset.ArrowSequenceWriter;
import org.uiospark.data.encode.ChatTemplate;
import org.uiospark.data.encode.MalformedRecordException;
import org.uiospark.data.encode.SequenceCutter;
import org.uiospark.data.encode.SftEncoder;
import org.uiospark.data.encode.SftExample;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.source.RecordConsumer;
import org.uiospark.data.source.Slice;
import org.uiospark.data.source.SourceKind.Content;
import org.uiospark.data.source.SourceReader;
import org.uiospark.data.source.SpoiledFileException;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.input.UnicodeReader;
import org.uiospark.model.text.PieceEncoder;
import org.uiospark.model.text.TextTokenizer;
import org.uiospark.model.text.UnencodableTextException;

/**
 * Streams the documents of one shard through the tokenizer into one Arrow file.
 *
 * <p>Malformed UTF-8 becomes U+FFFD, as most readers do; a lost byte in a book loses no book.
 */
final class ShardTask implements RecordConsumer {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PrepSettings settings;
  private final PieceEncoder encoder;
  private final DocumentFilter filter;
  private final Map<String, String> refused;
  private final String folder;
  private final Configuration configuration;
  private final SourceReader sources;
  private final ShardResult result = new ShardResult();
  private final SftEncoder examples;
  private ArrowSequenceWriter sequences;
  private SequenceCutter cutter;
  private OutputStream ledger;

  /**
   * @param filter says which documents are left out
   * @param refused reasons of documents that cannot be encoded, by where they are, as far as that
   *     is known
   * @param folder gets the files
   */
  ShardTask(
      PrepSettings settings,
      TextTokenizer tokenizer,
      Optional<ChatTemplate> template,
      DocumentFilter filter,
      Map<String, String> refused,
      String folder,
      Configuration configuration) {
    this.settings = settings;
    this.encoder = new PieceEncoder(tokenizer);
    this.examples = new SftEncoder(tokenizer, template, settings);
    this.filter = filter;
    this.refused = refused;
    this.folder = folder;
    this.configuration = configuration;
    this.sources = new SourceReader(settings, configuration);
  }

  /**
   * What became of the shard. Where a file in it turns out to be spoiled, rows of it are among
   * those written: then nothing is made, and all spoiled files of the shard are named.
   */
  ShardResult run(Shard shard) throws IOException {
    result.shard = shard.index();
    // A name of its own for every attempt: two of them never write the same file.
    String name = String.format(Locale.ROOT, "part-%05d-%s", shard.index(), UUID.randomUUID());
    Path data = new Path(folder, name + ".arrow");
    Path documents = new Path(folder, name + ".jsonl.gz");
    FileSystem files = AtomicWrite.fileSystem(data, configuration);
    MessageDigest digest = Sha256.digest();
    try (OutputStream out = new DigestOutputStream(AtomicWrite.open(files, data), digest);
        OutputStream entries = new GZIPOutputStream(AtomicWrite.open(files, documents));
        ArrowSequenceWriter writer =
            settings.objective() == Objective.SFT
                ? ArrowSequenceWriter.withLabels(out)
                : ArrowSequenceWriter.ofText(out)) {
      sequences = writer;
      cutter = new SequenceCutter(settings, writer);
      ledger = entries;
      read(shard);
      writer.finish();
      result.rows = writer.rows();
    } catch (InvalidInputException e) {
      // Trying again would not mend it.
      result.failure = e.getMessage();
      return result;
    } catch (SpoiledFileException e) {
      return spoiled(shard, e);
    }
    result.dataPath = data.toString();
    result.ledgerPath = documents.toString();
    result.sha256 = Sha256.hex(digest);
    result.bytes = files.getFileStatus(data).getLen();
    return result;
  }

  /** Offers every document to the filter, and takes those that it leaves in. */
  void read(Shard shard) throws IOException {
    for (Slice slice : shard.slices()) {
      read(slice);
    }
  }

  private void read(Slice slice) throws IOException {
    if (slice.kind().content() == Content.TEXT) {
      text(slice);
    } else {
      sources.records(slice, this);
    }
  }

  private ShardResult spoiled(Shard shard, SpoiledFileException first) throws IOException {
    ShardResult spoiled = new ShardResult();
    spoiled.shard = shard.index();
    for (Slice slice : shard.slices()) {
      if (slice.path().equals(first.path())) {
        spoiled.spoil(first);
      } else if (!spoiled.spoiled.isEmpty() && !spoiled.spoiled.containsKey(slice.path())) {
        check(slice, spoiled);
      }
    }
    return spoiled;
  }

  private void check(Slice slice, ShardResult spoiled) throws IOException {
    try {
      sources.check(slice);
    } catch (SpoiledFileException e) {
      spoiled.spoil(e);
    }
  }

  private void text(Slice slice) throws IOException {
    DocumentName name = DocumentName.at(slice.name());
    if (!filter.isOpen() && filter.leavesOut(name.key(hash(slice)))) {
      result.skipped++;
      return;
    }
    MessageDigest digest = Sha256.digest();
    try (DigestInputStream in =
            new DigestInputStream(SourceReader.open(slice, configuration), digest);
        UnicodeReader reader = new UnicodeReader(in)) {
      boolean encoded = encode(name, slice.path(), reader);
      // What was not encoded may not be text at all.
      reader.transferTo(Writer.nullWriter());
      sources.checkText(slice, reader, this);
      if (encoded) {
        finish(name, slice.path(), Sha256.hex(digest));
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
    DocumentName name = DocumentName.of(record, place.id());
    if (settings.objective() == Objective.SFT) {
      example(record, name, place.where());
    } else {
      document(record, name, place.where());
    }
  }

  @Override
  public void malformed(Place place, String reason) {
    malformed(place.where(), reason);
  }

  @Override
  public void replaced(Slice slice, long bytes) {
    if (bytes > 0) {
      result.replaced.merge(slice.path(), bytes, Long::sum);
    }
  }

  private void document(JsonNode node, DocumentName name, String where) throws IOException {
    String field = settings.reading().textField();
    if (!node.path(field).isTextual()) {
      malformed(
          where,
          String.format(Locale.ROOT, "no object with a string \"%s\"%s", field, others(node)));
      return;
    }
    result.lines++;
    String marked = node.get(field).textValue();
    String text = marked.startsWith("\uFEFF") ? marked.substring(1) : marked;
    String hash = hash(text);
    if (filter.leavesOut(name.key(hash))) {
      result.skipped++;
      return;
    }
    if (encode(name, where, new StringReader(text))) {
      finish(name, where, hash);
    }
  }

  /** The fields that may hold the text instead. */
  private static String others(JsonNode node) {
    String texts =
        node.properties().stream()
            .filter(field -> field.getValue().isTextual() && !field.getKey().equals("id"))
            .limit(5)
            .map(field -> '"' + field.getKey() + '"')
            .collect(Collectors.joining(", "));
    return texts.isEmpty() ? "" : " but " + texts + "; name the one with --text-field";
  }

  private static String hash(String text) {
    return Sha256.hex(text.getBytes(StandardCharsets.UTF_8));
  }

  private void example(JsonNode node, DocumentName name, String where) throws IOException {
    String hash = hash(SftEncoder.content(node));
    if (filter.leavesOut(name.key(hash))) {
      result.lines++;
      result.skipped++;
      return;
    }
    SftExample example;
    try {
      example = examples.encode(node);
    } catch (MalformedRecordException e) {
      malformed(where, e.getMessage());
      return;
    } catch (UnencodableTextException e) {
      result.lines++;
      unencodable(where, e.reason());
      return;
    }
    result.lines++;
    int tokens = example.ids().length;
    int segments = (tokens + settings.segmentLength() - 1) / settings.segmentLength();
    boolean written = segments >= settings.minSegments();
    if (written) {
      sequences.write(name.docId(), 0, example.ids(), example.labels());
      if (example.cut() > 0) {
        result.reject(ShardResult.CUT, example.cut());
      }
    }
    enter(name, where, hash, written ? 1 : 0, written ? tokens : 0);
  }

  private void malformed(String where, String reason) {
    result.lines++;
    result.reject(ShardResult.MALFORMED, 1);
    result.example(where, reason);
    if (result.malformed.isEmpty()) {
      result.malformed.add(where + ": " + reason);
    }
  }

  private void unencodable(String where, String reason) {
    result.reject(ShardResult.UNENCODABLE, 1);
    result.example(where, reason);
    if (result.unencodable == null) {
      result.unencodable = where + ": " + reason;
    }
  }

  /** Whether all of it could be encoded; if not, none of it is written. */
  private boolean encode(DocumentName name, String where, Reader text) throws IOException {
    if (refused.containsKey(where)) {
      unencodable(where, refused.get(where));
      return false;
    }
    cutter.begin(name.docId());
    try {
      encoder.encode(text, where, cutter::accept);
      return true;
    } catch (UnencodableTextException e) {
      if (cutter.sequences() > 0) {
        throw new RefusedDocumentException(where, e.reason());
      }
      unencodable(where, e.reason());
      return false;
    }
  }

  private void finish(DocumentName name, String where, String hash) throws IOException {
    int tail = cutter.end();
    if (cutter.sequences() > 0 && tail > 0) {
      result.reject(ShardResult.TAIL, tail);
    }
    enter(name, where, hash, cutter.sequences(), cutter.tokens());
  }

  private void enter(DocumentName name, String where, String hash, long sequences, long tokens)
      throws IOException {
    result.seen++;
    ObjectNode entry = JSON.createObjectNode();
    DocumentLedgers.put(entry, name, hash);
    entry.put("tokens", tokens).put("sequences", sequences);
    if (sequences == 0) {
      String reason =
          String.format(Locale.ROOT, "shorter than %d segments", settings.minSegments());
      result.reject(reason, 1);
      result.example(where, reason);
      entry.put("rejected", reason);
    } else {
      result.documents++;
      result.tokens += tokens;
    }
    ledger.write(JSON.writeValueAsBytes(entry));
    ledger.write('\n');
  }
}
