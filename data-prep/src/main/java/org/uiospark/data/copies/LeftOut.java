package org.uiospark.data.copies;

import java.io.Serializable;
import java.util.BitSet;
import java.util.EnumMap;

/** Which documents of a slice are left out, by their place in it. */
public final class LeftOut implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int UNKNOWN = -1;

  private final EnumMap<Fate, BitSet> copies = new EnumMap<>(Fate.class);
  private int documents = UNKNOWN;

  /** Leaves nothing out. */
  public static LeftOut nothing() {
    return new LeftOut();
  }

  /** Takes note of a document; with {@link Fate#STAYS} it is the one behind the last of a page. */
  void add(int document, Fate fate) {
    if (fate == Fate.STAYS) {
      documents = Math.max(documents, document);
    } else {
      copies.computeIfAbsent(fate, key -> new BitSet()).set(document);
    }
  }

  /** What becomes of a document, from 0. */
  public Fate of(int document) {
    return copies.entrySet().stream()
        .filter(each -> each.getValue().get(document))
        .map(each -> each.getKey())
        .findFirst()
        .orElse(Fate.STAYS);
  }

  /** Whether a slice has as many documents as when it was read first, if it was. */
  public boolean fits(int count) {
    return documents == UNKNOWN || documents == count;
  }
}
