package org.uiospark.model.gradient;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.uiospark.model.cost.MemoryCount;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.segment.AtOnce;

/**
 * Segments of a sequence that go through encoder and transfer head at once, both ways.
 *
 * @param from the first of them
 * @param to the one behind the last
 * @param tape whether and when they have one
 */
record SegmentBatch(int from, int to, Tape tape) {

  /** What the way back through the encoder needs. */
  enum Tape {
    /** Kept from the first encoding on. */
    KEPT,
    /** Made when it is needed, by encoding again. */
    MADE_AGAIN,
    /** None, for the segments are not back-propagated. */
    NONE
  }

  /** Encoder graphs that a memory of so many bytes holds. */
  static long graphs(MemoryModel model, long graphMemory) {
    return graphMemory
        / MemoryCount.graph(
            model.base().config(),
            model.shape().rank(),
            model.segments(),
            model.base().precision());
  }

  /**
   * All segments of a sequence that have a memory. Of those that are back-propagated the first keep
   * their tapes.
   *
   * @param memories segments that have one
   * @param graphs that the memory holds
   */
  static List<SegmentBatch> ofSequence(
      AtOnce atOnce, PairWeights weights, int memories, long graphs) {
    List<Tape> tapes = new ArrayList<>();
    long kept = 0;
    for (int s = 0; s < memories; s++) {
      if (!weights.differentiates(s)) {
        tapes.add(Tape.NONE);
      } else if (kept < graphs) {
        tapes.add(Tape.KEPT);
        kept++;
      } else {
        tapes.add(Tape.MADE_AGAIN);
      }
    }
    return cut(atOnce, 0, memories, graphs, tapes::get);
  }

  /** Those of a chunk on its way back, to which nothing comes but bytes; otherwise as above. */
  static List<SegmentBatch> ofChunk(
      AtOnce atOnce, PairWeights weights, SequenceChunk chunk, long graphs) {
    return cut(
        atOnce,
        chunk.from(),
        chunk.from() + chunk.memories(),
        graphs,
        s -> weights.differentiates(s) ? Tape.MADE_AGAIN : Tape.NONE);
  }

  private static List<SegmentBatch> cut(
      AtOnce atOnce, int from, int to, long graphs, IntFunction<Tape> tapes) {
    List<SegmentBatch> batches = new ArrayList<>();
    int begin = from;
    while (begin < to) {
      Tape tape = tapes.apply(begin);
      int most = tape == Tape.NONE ? atOnce.segments() : atOnce.withGraph(graphs);
      int end = begin + 1;
      while (end < to && end - begin < most && tapes.apply(end) == tape) {
        end++;
      }
      batches.add(new SegmentBatch(begin, end, tape));
      begin = end;
    }
    return batches;
  }
}
