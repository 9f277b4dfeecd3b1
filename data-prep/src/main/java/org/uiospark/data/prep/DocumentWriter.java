package org.uiospark.data.prep;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Reader;
import java.util.Locale;
import java.util.Map;
import org.uiospark.data.commit.DocumentLedgers;
import org.uiospark.data.dataset.ArrowSequenceWriter;
import org.uiospark.data.encode.MalformedRecordException;
import org.uiospark.data.encode.SequenceCutter;
import org.uiospark.data.encode.SftEncoder;
import org.uiospark.data.encode.SftExample;
import org.uiospark.data.settings.Cutting;
import org.uiospark.model.segment.TokenSequence;
import org.uiospark.model.text.PieceEncoder;
import org.uiospark.model.text.TextTokenizer;
import org.uiospark.model.text.UnencodableTextException;

/** Writes the sequences of documents into an Arrow file, and an entry for each into the ledger. */
final class DocumentWriter implements DocumentSink {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Cutting cutting;
  private final TextTokens texts;
  private final SftEncoder examples;
  private final Map<String, String> refused;
  private final ArrowSequenceWriter sequences;
  private final SequenceCutter cutter;
  private final OutputStream ledger;
  private final ShardResult result;
  private long textTokens;

  /** Gives a cutter the tokens of a text, which it begins, and returns how many the text has. */
  @FunctionalInterface
  interface TextTokens {
    /**
     * @throws UnencodableTextException if there are none
     */
    long give(Document document, Reader text, SequenceCutter cutter) throws IOException;

    /** Those that come of the text. */
    static TextTokens of(TextTokenizer tokenizer) {
      PieceEncoder encoder = new PieceEncoder(tokenizer);
      return (document, text, cutter) -> {
        cutter.begin(document.name().docId(), 0);
        return encoder.encode(text, document.where(), cutter::accept);
      };
    }
  }

  /**
   * @param texts gives the tokens of texts
   * @param refused reasons of documents that cannot be encoded, by where they are, as far as that
   *     is known
   * @param ledger gets a line of JSON for each document
   * @param result counts what was written, and what was not
   */
  DocumentWriter(
      Encoding encoding,
      TextTokens texts,
      Map<String, String> refused,
      ArrowSequenceWriter sequences,
      OutputStream ledger,
      ShardResult result) {
    this.cutting = encoding.settings().cutting();
    this.texts = texts;
    this.examples =
        new SftEncoder(encoding.tokenizer(), encoding.template(), encoding.settings().cutting());
    this.refused = refused;
    this.sequences = sequences;
    this.cutter = new SequenceCutter(encoding.settings(), sequences::write);
    this.ledger = ledger;
    this.result = result;
  }

  /**
   * Writes a text as far as it fills sequences; one that cannot be encoded is not taken.
   *
   * @throws RefusedDocumentException if it cannot be encoded and sequences of it are written
   */
  @Override
  public boolean text(Document document, Reader text) throws IOException {
    String where = document.where();
    if (refused.containsKey(where)) {
      result.unencodable(where, refused.get(where));
      return false;
    }
    try {
      textTokens = texts.give(document, text, cutter);
      return true;
    } catch (UnencodableTextException e) {
      if (cutter.sequences() > 0) {
        throw new RefusedDocumentException(where, e.reason());
      }
      result.unencodable(where, e.reason());
      return false;
    }
  }

  @Override
  public void end(Document document, String sha256) throws IOException {
    int tail = cutter.end();
    if (cutter.sequences() > 0 && tail > 0) {
      result.cut(ShardResult.TAIL, tail);
    }
    ObjectNode entry = entry(document, sha256).put(DocumentLedgers.TEXT_TOKENS, textTokens);
    enter(document, entry, cutter.sequences(), cutter.tokens());
  }

  @Override
  public void example(Document document, JsonNode record, String sha256)
      throws IOException, MalformedRecordException {
    SftExample example;
    try {
      example = examples.encode(record);
    } catch (UnencodableTextException e) {
      result.unencodable(document.where(), e.reason());
      return;
    }
    int tokens = example.ids().length;
    if (cutting.segments(tokens) < cutting.minSegments()) {
      enter(document, entry(document, sha256), 0, 0);
      return;
    }
    sequences.write(new TokenSequence(document.name().docId(), 0, example.ids(), example.labels()));
    if (example.cut() > 0) {
      result.cut(ShardResult.CUT, example.cut());
    }
    enter(document, entry(document, sha256), 1, tokens);
  }

  private static ObjectNode entry(Document document, String sha256) {
    ObjectNode entry = JSON.createObjectNode();
    DocumentLedgers.put(entry, document.name(), sha256);
    return entry;
  }

  /** Counts a document and lists it, be it that it gave no sequence. */
  private void enter(Document document, ObjectNode entry, long sequences, long tokens)
      throws IOException {
    result.seen++;
    entry.put("tokens", tokens).put(DocumentLedgers.SEQUENCES, sequences);
    if (sequences == 0) {
      String reason = String.format(Locale.ROOT, "shorter than %d segments", cutting.minSegments());
      result.tooShort(document.where(), reason);
      entry.put("rejected", reason);
    } else {
      result.documents++;
    }
    write(entry);
  }

  /** Lists it, so that a later run without the other leaves it out too. */
  @Override
  public void near(Document document, String sha256) throws IOException {
    result.seen++;
    result.leave(ShardResult.NEAR);
    ObjectNode entry = JSON.createObjectNode();
    DocumentLedgers.put(entry, document.name(), sha256);
    write(entry.put("tokens", 0).put("sequences", 0).put("rejected", ShardResult.NEAR));
  }

  private void write(ObjectNode entry) throws IOException {
    ledger.write(JSON.writeValueAsBytes(entry));
    ledger.write('\n');
  }
}
