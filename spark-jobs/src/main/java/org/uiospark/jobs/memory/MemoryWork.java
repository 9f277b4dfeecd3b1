package org.uiospark.jobs.memory;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.uiospark.data.commit.ListedText;

/**
 * A text on its way to its memories.
 *
 * @param text where its tokens are
 * @param known file that has the memories of its first segments; empty for none
 * @param shared how many segments that are
 * @param segments whole ones of the text
 */
record MemoryWork(ListedText text, String known, int shared, int segments) implements Serializable {
  /**
   * Segments that are encoded by themselves.
   *
   * @param work the text
   * @param from the first of them
   * @param to the one behind the last
   */
  record Piece(MemoryWork work, int from, int to) implements Serializable {
    /** Whether nothing has to be joined. */
    boolean isWhole() {
      return from == 0 && to == work.segments();
    }
  }

  /** The segments that nobody has encoded, in pieces. */
  List<Piece> pieces(int pieceSegments) {
    List<Piece> pieces = new ArrayList<>();
    for (int from = shared; from < segments; from += pieceSegments) {
      pieces.add(new Piece(this, from, Math.min(from + pieceSegments, segments)));
    }
    return pieces;
  }
}
