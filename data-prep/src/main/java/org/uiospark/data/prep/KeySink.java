package org.uiospark.data.prep;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import org.uiospark.data.copies.MinHash;
import org.uiospark.data.copies.SliceKeys;
import org.uiospark.data.encode.MalformedRecordException;
import org.uiospark.data.encode.SftEncoder;
import org.uiospark.data.settings.Repeats;

/** Takes of each document of a slice what tells whether it is a copy, and nothing else. */
final class KeySink implements DocumentSink {
  private static final byte[] NONE = {};

  private final Repeats repeats;
  private final SliceKeys keys;
  private byte[] signature = NONE;

  KeySink(Repeats repeats, SliceKeys keys) {
    this.repeats = repeats;
    this.keys = keys;
  }

  @Override
  public boolean text(Document document, Reader text) throws IOException {
    signature = repeats.comparesTexts() ? MinHash.of(text) : NONE;
    return true;
  }

  @Override
  public void end(Document document, String sha256) {
    keys.add(document.name().key(sha256, repeats.duplicates()), signature);
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
