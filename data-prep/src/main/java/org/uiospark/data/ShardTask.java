package org.uiospark.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PushbackReader;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.uiospark.model.InvalidInputException;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.text.PieceEncoder;
import org.uiospark.model.text.TextTokenizer;
import org.uiospark.model.text.UnencodableTextException;

/**
 * Streams the documents of one shard through the tokenizer into one Arrow file.
 *
 * <p>Malformed UTF-8 becomes U+FFFD, as most readers do; a lost byte in a book loses no book.
 */
final class ShardTask {
  private static final int MAX_LINE_BYTES = 64 << 20;
  private static final ObjectMapper JSON = mapper();

  private final PrepSettings settings;
  private final PieceEncoder encoder;
  private final DocumentFilter filter;
  private final Map<String, String> refused;
  private final String folder;
  private final Configuration configuration;
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
    this.examples = new SftEncoder(encoder, template, settings);
    this.filter = filter;
    this.refused = refused;
    this.folder = folder;
    this.configuration = configuration;
  }

  private static ObjectMapper mapper() {
    ObjectMapper mapper = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    mapper
        .getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder().maxStringLength(MAX_LINE_BYTES).build());
    return mapper;
  }

  ShardResult run(Shard shard) throws IOException {
    result.shard = shard.index();
    // A name of its own for every attempt: two of them never write the same file.
    String name = "part-%05d-%s".formatted(shard.index(), UUID.randomUUID());
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
    try {
      if (slice.lines()) {
        lines(slice);
      } else {
        text(slice);
      }
    } catch (EOFException | ZipException e) {
      if (!slice.compressed()) {
        throw e;
      }
      throw new InvalidInputException(
          "%s is a damaged gzip file: %s; mend or remove it"
              .formatted(slice.path(), e.getMessage()),
          e);
    }
  }

  /** At the byte before the slice. */
  static InputStream open(Slice slice, Configuration configuration) throws IOException {
    Path path = new Path(slice.path());
    // Hadoop cannot name the checksum file of a name with a colon, as titles of books have one.
    FSDataInputStream raw = AtomicWrite.fileSystem(path, configuration).open(path);
    try {
      // Not skipped: S3 would send all that lies before.
      raw.seek(Math.max(0, slice.start() - 1));
      InputStream in = new BufferedInputStream(raw, 1 << 16);
      return slice.compressed() ? new GZIPInputStream(in, 1 << 16) : in;
    } catch (EOFException | ZipException e) {
      raw.close();
      throw new InvalidInputException(slice.path() + " is not a gzip file; unpack or remove it", e);
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  private void text(Slice slice) throws IOException {
    DocumentName name = DocumentName.at(slice.name());
    if (!filter.isOpen() && filter.leavesOut(name.key(hash(slice)))) {
      result.skipped++;
      return;
    }
    MessageDigest digest = Sha256.digest();
    try (DigestInputStream in = new DigestInputStream(open(slice, configuration), digest);
        PushbackReader reader =
            new PushbackReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      int first = reader.read();
      if (first >= 0 && first != '\uFEFF') {
        reader.unread(first);
      }
      if (encode(name, slice.path(), reader)) {
        finish(name, slice.path(), Sha256.hex(digest));
      }
    }
  }

  private String hash(Slice slice) throws IOException {
    try (InputStream in = open(slice, configuration)) {
      return Sha256.hex(in);
    }
  }

  static LineStream lineStream(InputStream in, Slice slice) throws IOException {
    LineStream lines = new LineStream(in, Math.max(0, slice.start() - 1), MAX_LINE_BYTES);
    // A line belongs to the slice where it begins: go on from the end of the line before.
    if (slice.start() > 0) {
      lines.next();
    }
    return lines;
  }

  private void lines(Slice slice) throws IOException {
    try (InputStream in = open(slice, configuration)) {
      LineStream lines = lineStream(in, slice);
      long number = slice.firstLine();
      while (slice.compressed() || lines.position() < slice.end()) {
        byte[] line = lines.next();
        if (line == null) {
          break;
        }
        number++;
        String where = slice.path() + ":" + number;
        if (lines.tooLong()) {
          malformed(where, "longer than 64 MB");
        } else {
          line(new String(line, StandardCharsets.UTF_8), slice.name() + "#" + number, where);
        }
      }
    }
  }

  private void line(String line, String position, String where) throws IOException {
    String content = line.startsWith("\uFEFF") ? line.substring(1) : line;
    if (content.isBlank()) {
      return;
    }
    JsonNode node;
    try {
      node = JSON.readTree(content);
    } catch (JsonProcessingException e) {
      malformed(where, "no JSON: " + e.getOriginalMessage().lines().findFirst().orElse(""));
      return;
    }
    DocumentName name = DocumentName.of(node, position);
    if (settings.objective() == Objective.SFT) {
      example(node, name, where);
    } else {
      document(node, name, where);
    }
  }

  private void document(JsonNode node, DocumentName name, String where) throws IOException {
    if (!node.path("text").isTextual()) {
      malformed(where, "no object with a string \"text\"");
      return;
    }
    result.lines++;
    String text = node.get("text").textValue();
    String hash = hash(text);
    if (filter.leavesOut(name.key(hash))) {
      result.skipped++;
      return;
    }
    if (encode(name, where, new StringReader(text))) {
      finish(name, where, hash);
    }
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
      example = examples.encode(node, where);
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
      String reason = "shorter than %d segments".formatted(settings.minSegments());
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
