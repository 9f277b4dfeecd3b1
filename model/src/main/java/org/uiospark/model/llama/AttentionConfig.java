package org.uiospark.model.llama;

import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;

/**
 * The attention of every layer of a decoder.
 *
 * @param heads query heads
 * @param kvHeads key/value heads; divides {@code heads}
 * @param headDim size of a head; {@code heads * headDim} may differ from the hidden size
 * @param bias which projections add a vector
 * @param queryKeyNorm whether each head of q and of k is normed before it is rotated
 * @param slidingWindow tokens that a token sees, itself among them; 0 for all before it
 */
public record AttentionConfig(
    int heads,
    int kvHeads,
    int headDim,
    AttentionBias bias,
    boolean queryKeyNorm,
    int slidingWindow) {

  /** Checks every size; the message names the key of {@code config.json}. */
  public AttentionConfig {
    LlamaConfig.positive("num_attention_heads", heads);
    LlamaConfig.positive("num_key_value_heads", kvHeads);
    LlamaConfig.positive("head_dim", headDim);
    if (heads % kvHeads != 0) {
      throw new InvalidInputException(
          "num_key_value_heads " + kvHeads + " does not divide num_attention_heads " + heads);
    }
    if (headDim % 2 != 0) {
      throw new InvalidInputException("head_dim " + headDim + " is odd; RoPE rotates pairs");
    }
    if ((long) heads * headDim > Integer.MAX_VALUE) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "num_attention_heads %d times head_dim %d is over the limit of %d",
              heads,
              headDim,
              Integer.MAX_VALUE));
    }
    if (slidingWindow < 0) {
      throw new InvalidInputException("sliding_window must be positive, not " + slidingWindow);
    }
  }

  /** Attention over all tokens before, without bias and without norms of q and k. */
  public static AttentionConfig plain(int heads, int kvHeads, int headDim) {
    return new AttentionConfig(heads, kvHeads, headDim, AttentionBias.NONE, false, 0);
  }

  /** Width of the query projection, {@code heads * headDim}. */
  public int queryWidth() {
    return heads * headDim;
  }

  /** Width of the key and of the value projection, {@code kvHeads * headDim}. */
  public int keyValueWidth() {
    return kvHeads * headDim;
  }
}
