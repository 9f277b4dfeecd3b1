package org.uiospark.data.commit;

import java.util.HashMap;
import java.util.Map;

/** Asked once for each document of a shard, in their order. */
public interface DocumentFilter {
  /** Whether nothing is left out, so that no document need be read twice. */
  boolean isOpen();

  /** Whether the next document, which has this key, is left out. */
  boolean leavesOut(DocumentKey key);

  /**
   * Leaves out what the data set has.
   *
   * @param known how often the data set has each key
   * @param fewer keys of which fewer than all in this shard are left out: the first so many
   */
  static DocumentFilter of(Map<DocumentKey, Integer> known, Map<DocumentKey, Integer> fewer) {
    Map<DocumentKey, Integer> left = new HashMap<>(fewer);
    return new DocumentFilter() {
      @Override
      public boolean isOpen() {
        return known.isEmpty();
      }

      @Override
      public boolean leavesOut(DocumentKey key) {
        Integer more = left.computeIfPresent(key, (same, count) -> count - 1);
        return more == null ? known.containsKey(key) : more >= 0;
      }
    };
  }

  /**
   * Leaves everything out and counts.
   *
   * @param counts gets how often each known key came
   */
  static DocumentFilter counting(
      Map<DocumentKey, Integer> known, Map<DocumentKey, Integer> counts) {
    return new DocumentFilter() {
      @Override
      public boolean isOpen() {
        return false;
      }

      @Override
      public boolean leavesOut(DocumentKey key) {
        if (known.getOrDefault(key, DocumentLedgers.ANY) != DocumentLedgers.ANY) {
          counts.merge(key, 1, Integer::sum);
        }
        return true;
      }
    };
  }
}
