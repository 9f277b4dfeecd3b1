package org.uiospark.data.copies;

import org.uiospark.data.settings.Duplicates;

/** Says what becomes of documents that come sorted, those of one key after each other. */
final class EqualTexts {
  private final Duplicates duplicates;
  private Occurrence last;
  private boolean any;
  private long known;
  private long seen;

  EqualTexts(Duplicates duplicates) {
    this.duplicates = duplicates;
  }

  /** The fate of the next one; that of a known document is to stay known. */
  Fate of(Occurrence next) {
    if (last == null || !last.hasKeyOf(next)) {
      any = false;
      known = 0;
      seen = 0;
    }
    last = next;
    if (next.slice() == Occurrence.KNOWN) {
      any |= next.document() == Occurrence.ANY;
      known++;
      return Fate.STAYS;
    }
    seen++;
    if (duplicates == Duplicates.KEEP) {
      // Of what the data set has twice, the third copy and further ones are new.
      return any || seen <= known ? Fate.KNOWN : Fate.STAYS;
    }
    if (known > 0) {
      return Fate.KNOWN;
    }
    return seen > 1 ? Fate.DUPLICATE : Fate.STAYS;
  }
}
