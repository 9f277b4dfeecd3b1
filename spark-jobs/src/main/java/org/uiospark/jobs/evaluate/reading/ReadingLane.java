package org.uiospark.jobs.evaluate.reading;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.uiospark.model.gradient.SequenceChunk;
import org.uiospark.model.kernel.MemoryModel;

/**
 * What one task reads: a chunk of a sequence, or its target behind fewer memories.
 *
 * @param text the sequence
 * @param first number of the lane of its first chunk
 * @param place of this lane behind that one; the target comes behind all chunks
 */
record ReadingLane(ReadText text, int first, int place) implements Serializable {

  /** The lanes of some sequences, in their order. */
  static List<ReadingLane> of(List<ReadText> texts) {
    List<ReadingLane> lanes = new ArrayList<>();
    for (ReadText text : texts) {
      int first = lanes.size();
      IntStream.range(0, text.chunks() + (text.counts().isEmpty() ? 0 : 1))
          .forEach(place -> lanes.add(new ReadingLane(text, first, place)));
    }
    return lanes;
  }

  int number() {
    return first + place;
  }

  int ofChunk(int chunk) {
    return first + chunk;
  }

  int ofTarget() {
    return first + text.chunks();
  }

  boolean isTarget() {
    return number() == ofTarget();
  }

  /** All chunks of the sequence. */
  List<SequenceChunk> cut(MemoryModel model) {
    return SequenceChunk.cut(text.segments(), text.chunks(), model);
  }
}
