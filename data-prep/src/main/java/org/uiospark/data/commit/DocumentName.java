package org.uiospark.data.commit;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What a document is called, and whether that is what it goes by.
 *
 * @param docId its id, or else its file, with the number of its line
 * @param given whether the document itself holds the id
 */
public record DocumentName(String docId, boolean given) {
  /** The {@code id} of a record; without one it goes by its content. */
  public static DocumentName of(JsonNode record, String position) {
    JsonNode id = record.path("id");
    return id.isValueNode() && !id.isNull() ? new DocumentName(id.asText(), true) : at(position);
  }

  /** A document without id: lines put above it, or another name of its file, change nothing. */
  public static DocumentName at(String position) {
    return new DocumentName(position, false);
  }

  public DocumentKey key(String sha256) {
    return given ? DocumentKey.ofId(docId, sha256) : DocumentKey.ofContent(sha256);
  }
}
