package org.uiospark.data.dataset;

import java.io.IOException;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.TokenSequence;

/** The sequences of one Arrow stream, read at random and from many threads. */
interface SequenceFile {
  /** Number of sequences. */
  long rows();

  /**
   * One sequence.
   *
   * @param row from 0
   * @throws InvalidInputException if it is damaged
   */
  TokenSequence sequence(long row) throws IOException;
}
