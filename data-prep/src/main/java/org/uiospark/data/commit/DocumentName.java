package org.uiospark.data.commit;

import com.fasterxml.jackson.databind.JsonNode;
import org.uiospark.data.settings.Duplicates;

/**
 * What a document is called, and whether that is what it goes by.
 *
 * @param docId its id, or else its file, with the number of its line
 * @param given whether the document itself holds the id
 */
public record DocumentName(String docId, boolean given) {
  /**
   * Names a record by its id; a record without one goes by its content.
   *
   * @param id what stands in its place
   */
  public static DocumentName of(JsonNode id, String position) {
    return id.isValueNode() && !id.isNull() ? new DocumentName(id.asText(), true) : at(position);
  }

  /** Names a document without id, which goes by its content: it stays the same in another place. */
  public static DocumentName at(String position) {
    return new DocumentName(position, false);
  }

  /**
   * What the document goes by.
   *
   * @param sha256 of its content, in hexadecimal digits
   * @param duplicates says whether it goes by its text alone
   */
  public DocumentKey key(String sha256, Duplicates duplicates) {
    return given && duplicates == Duplicates.KEEP
        ? DocumentKey.ofId(docId, sha256)
        : DocumentKey.ofContent(sha256);
  }
}
