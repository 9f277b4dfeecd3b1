package org.uiospark.data.copies;

import java.util.ArrayList;
import java.util.List;

/**
 * Says what becomes of documents that come sorted, those of one bucket after each other. One that
 * is near to none before it stands for those that are near to it.
 */
final class NearTexts {
  /** What a bucket compares with; near texts beyond mostly meet in another bucket. */
  private static final int MOST = 1000;

  private final int agreeing;
  private final List<byte[]> before = new ArrayList<>();
  private Banded last;

  NearTexts(double similarity) {
    this.agreeing = MinHash.agreeing(similarity);
  }

  Fate of(Banded next, byte[] signature) {
    if (last == null || last.bucket() != next.bucket()) {
      before.clear();
    }
    last = next;
    if (before.stream().anyMatch(other -> MinHash.agree(other, signature, agreeing))) {
      return Fate.NEAR;
    }
    if (before.size() < MOST) {
      before.add(signature);
    }
    return Fate.STAYS;
  }
}
