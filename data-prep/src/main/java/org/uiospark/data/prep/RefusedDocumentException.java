package org.uiospark.data.prep;

/** A document cannot be encoded, and some of its sequences are written already. */
final class RefusedDocumentException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String where;

  RefusedDocumentException(String where, String reason) {
    super(reason);
    this.where = where;
  }

  /** The place of the document. */
  String where() {
    return where;
  }
}
