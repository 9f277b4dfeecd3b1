package org.uiospark.data.prep;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.uiospark.data.copies.MinHash;
import org.uiospark.data.copies.SliceKeys;
import org.uiospark.data.encode.MalformedRecordException;
import org.uiospark.data.encode.SftEncoder;
import org.uiospark.data.settings.Repeats;

/** Takes of each document of a slice what tells whether it is a copy, and nothing else. */
final class KeySink implements DocumentSink {
  private static final byte[] NONE = {};

  private final Repeats repeats;
  private final ArrayList<SliceKeys> pages = new ArrayList<>();
  private SliceKeys open;
  private byte[] signature = NONE;

  /**
   * @param slice its number in the input
   */
  KeySink(Repeats repeats, int slice) {
    this.repeats = repeats;
    this.open = SliceKeys.of(slice);
    pages.add(open);
  }

  /** What was taken so far: a page at least, so that one counts the documents. */
  List<SliceKeys> pages() {
    return pages;
  }

  @Override
  public boolean text(Document document, Reader text) throws IOException {
    signature = repeats.comparesTexts() ? MinHash.of(text) : NONE;
    return true;
  }

  @Override
  public void end(Document document, String sha256) {
    if (open.isFull()) {
      open = open.next();
      pages.add(open);
    }
    open.add(document.name().key(sha256, repeats.duplicates()), signature);
  }

  @Override
  public void example(Document document, JsonNode record, String sha256)
      throws IOException, MalformedRecordException {
    text(document, new StringReader(SftEncoder.content(record)));
    end(document, sha256);
  }

  @Override
  public void near(Document document, String sha256) {
    throw new IllegalStateException("copies are not known yet");
  }
}
