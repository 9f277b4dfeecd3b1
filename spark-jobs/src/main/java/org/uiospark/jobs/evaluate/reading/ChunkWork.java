package org.uiospark.jobs.evaluate.reading;

import java.io.Serializable;
import org.uiospark.model.gradient.SequenceChunk;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.reading.SequenceEvaluation;

/**
 * What is measured of a chunk.
 *
 * @param <O> outcome
 */
public interface ChunkWork<O extends Serializable> extends Serializable {
  /**
   * The outcome of a chunk.
   *
   * @param text the whole sequence
   * @param chunk its part
   * @param memories of all segments before the last one of the chunk
   * @param encodeSeconds that a task took to encode the chunk
   */
  O of(SequenceEvaluation text, SequenceChunk chunk, MemoryBank memories, double encodeSeconds);
}
