package org.uiospark.data.prep;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.Reader;
import org.uiospark.data.encode.MalformedRecordException;

/** Takes the documents of a shard that are to become sequences, in their order. */
interface DocumentSink {
  /**
   * Takes the text of a document.
   *
   * @return whether it is taken; then {@link #end} follows, unless its file turns out to be spoiled
   */
  boolean text(Document document, Reader text) throws IOException;

  /**
   * Closes the document whose text was taken last.
   *
   * @param sha256 of its content, in hexadecimal digits
   */
  void end(Document document, String sha256) throws IOException;

  /**
   * Takes a record of prompts and answers.
   *
   * @param sha256 of its content, in hexadecimal digits
   * @throws MalformedRecordException if it is none
   */
  void example(Document document, JsonNode record, String sha256)
      throws IOException, MalformedRecordException;

  /**
   * Takes note of a document that is left out, as its text is nearly that of another.
   *
   * @param sha256 of its content, in hexadecimal digits
   */
  void near(Document document, String sha256) throws IOException;
}
