package org.uiospark.jobs.train.step;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongToIntFunction;

/**
 * A fixed slice of the work of a step: whole sequences, or a chunk of one. It follows from settings
 * and data alone, never from the cluster.
 *
 * @param number of the lane in the step
 * @param sequences indices of its sequences in the {@link TrainingData}; one where there are chunks
 * @param chunk which chunk of the sequence
 * @param chunks of that sequence; 1 where its sequences are whole
 */
record Lane(int number, long[] sequences, int chunk, int chunks) implements Serializable {

  /**
   * Lanes of whole sequences, in the order of the batch.
   *
   * @param laneSequences sequences of a lane; the last one may have fewer
   */
  static List<Lane> whole(long[] batch, int laneSequences) {
    List<Lane> lanes = new ArrayList<>();
    for (int from = 0; from < batch.length; from += laneSequences) {
      int to = Math.min(batch.length, from + laneSequences);
      lanes.add(new Lane(lanes.size(), Arrays.copyOfRange(batch, from, to), 0, 1));
    }
    return lanes;
  }

  /**
   * Lanes of chunks, in the order of the batch and of the text.
   *
   * @param chunks into how many the sequence of an index is cut
   */
  static List<Lane> inChunks(long[] batch, LongToIntFunction chunks) {
    List<Lane> lanes = new ArrayList<>();
    for (long index : batch) {
      int count = chunks.applyAsInt(index);
      for (int chunk = 0; chunk < count; chunk++) {
        lanes.add(new Lane(lanes.size(), new long[] {index}, chunk, count));
      }
    }
    return lanes;
  }

  /** Whether its sequences are whole; so is one that is too short to be cut. */
  boolean isWhole() {
    return chunks == 1;
  }

  /** The sequence of a chunk. */
  long sequence() {
    return sequences[0];
  }

  /** The lane of a chunk of the same sequence. */
  int ofChunk(int other) {
    return number - chunk + other;
  }
}
