package org.uiospark.model.reading;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.MemoryModel;

/** The tokens that a text is continued with, up to one that ends it or to their limit. */
public final class Continuation {
  private final Set<Integer> stops;
  private final Sampling sampling;
  private final SplittableRandom random;
  private final IntConsumer onToken;
  private final int limit;
  private int[] tokens = new int[16];
  private int count;
  private boolean done;

  /**
   * @param maxNewTokens limit
   * @param onToken sees each token as soon as it is chosen
   */
  public Continuation(MemoryModel model, int maxNewTokens, Sampling sampling, IntConsumer onToken) {
    if (maxNewTokens < 1) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT, "max-new-tokens %d is out of range: at least 1", maxNewTokens));
    }
    this.stops = model.base().stopTokenIds();
    this.sampling = sampling;
    this.random = sampling.random();
    this.onToken = onToken;
    this.limit = maxNewTokens;
  }

  /** Chooses the next token from its logits {@code [V]}. */
  void choose(float[] logits) {
    int token = sampling.choose(logits, random);
    if (stops.contains(token)) {
      done = true;
      return;
    }
    if (count == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * count);
    }
    tokens[count++] = token;
    done = count == limit;
    onToken.accept(token);
  }

  /** Whether no token follows. */
  public boolean isDone() {
    return done;
  }

  /** The token that was chosen last, which is to be read next. */
  int last() {
    return tokens[count - 1];
  }

  /** All that were chosen so far, without the one that ends the text. */
  public int[] tokens() {
    return Arrays.copyOf(tokens, count);
  }
}
