package org.uiospark.model.reading;

import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;

/**
 * The base model by itself, without adapter and memories: every token sees all before it, whatever
 * the segment length.
 */
public final class WindowReader implements TokenReader {
  /** Tokens read at once: a layer's inner values of a long window would take gigabytes. */
  private static final int PIECE = 512;

  private final MemoryModel model;
  private final MemoryBank tokens;

  /**
   * @param model what reads
   * @param capacity tokens that there is room for, those that are generated among them
   */
  public WindowReader(MemoryModel model, int capacity) {
    this.model = model;
    this.tokens = model.bank(capacity);
  }

  /**
   * The last tokens of a prompt that fit the window of the base model before an answer.
   *
   * @param answerTokens most tokens of the answer, of which the last is not read
   */
  public static int[] inWindow(int[] prompt, int answerTokens, int window) {
    int most = Math.max(1, window - answerTokens + 1);
    return Arrays.copyOfRange(prompt, Math.max(0, prompt.length - most), prompt.length);
  }

  /** As it says there; a logit that is not finite is thrown as in {@link MemoryReader#read}. */
  @Override
  public float[] read(int... ids) {
    try (NDManager scratch = model.base().newManager()) {
      for (int from = 0; from < ids.length - PIECE; from += PIECE) {
        tokens.extend(MemoryModel.tokens(scratch, ids, from, from + PIECE)).close();
      }
      int last = (ids.length - 1) / PIECE * PIECE;
      return MemoryReader.finite(
          tokens.extend(MemoryModel.tokens(scratch, ids, last, ids.length)).toFloatArray());
    }
  }

  @Override
  public void close() {
    tokens.close();
  }
}
