package org.uiospark.model.reading;

/** Tokens go in, the logits of the next token come out. One thread at a time. */
public interface TokenReader extends AutoCloseable {
  /**
   * Reads tokens behind those that were read before.
   *
   * @param ids at least one token of the model's vocabulary
   * @return logits of the token after the last, {@code [vocabulary]}
   */
  float[] read(int... ids);

  @Override
  void close();
}
