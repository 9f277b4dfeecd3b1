package org.uiospark.data.copies;

/** What becomes of a document; of two fates the one that is named first holds. */
public enum Fate {
  /** The data set has it. */
  KNOWN,
  /** Its text is that of a document before it. */
  DUPLICATE,
  /** Its text is nearly that of a document before it. */
  NEAR,
  /** It is no copy. */
  STAYS
}
