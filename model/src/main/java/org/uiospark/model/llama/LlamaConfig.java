package org.uiospark.model.llama;

import java.util.List;
import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;

/**
 * The shape of a Llama-family decoder, as {@code config.json} of a HuggingFace checkpoint states
 * it.
 *
 * @param hiddenSize width D of the residual stream
 * @param intermediateSize width of the gated MLP
 * @param layers number of decoder layers
 * @param heads query heads
 * @param kvHeads key/value heads; divides {@code heads}
 * @param headDim size of a head; {@code heads * headDim} may differ from {@code hiddenSize}
 * @param vocabSize rows of the embedding
 * @param rmsNormEps epsilon of RMSNorm
 * @param ropeTheta base of the rotary position embedding
 * @param maxPositionEmbeddings native window in tokens
 * @param tieWordEmbeddings whether the LM head is the embedding
 * @param bosTokenId begin-of-sequence token, -1 if there is none
 * @param eosTokenIds end-of-sequence tokens; the first closes documents
 * @param ropeScaling what became of the frequencies of the rotary position embedding
 * @param attentionBias which projections of attention add a vector
 * @param queryKeyNorm whether each head of q and of k is normed before it is rotated
 * @param slidingWindow tokens that a token sees, itself among them; 0 for all before it
 */
public record LlamaConfig(
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int kvHeads,
    int headDim,
    int vocabSize,
    double rmsNormEps,
    double ropeTheta,
    int maxPositionEmbeddings,
    boolean tieWordEmbeddings,
    int bosTokenId,
    List<Integer> eosTokenIds,
    RopeScaling ropeScaling,
    AttentionBias attentionBias,
    boolean queryKeyNorm,
    int slidingWindow) {

  /** Checks every size; the message names the key of {@code config.json}. */
  public LlamaConfig {
    positive("hidden_size", hiddenSize);
    positive("intermediate_size", intermediateSize);
    positive("num_hidden_layers", layers);
    positive("num_attention_heads", heads);
    positive("num_key_value_heads", kvHeads);
    positive("head_dim", headDim);
    positive("vocab_size", vocabSize);
    positive("max_position_embeddings", maxPositionEmbeddings);
    if (heads % kvHeads != 0) {
      throw new InvalidInputException(
          "num_key_value_heads " + kvHeads + " does not divide num_attention_heads " + heads);
    }
    if (headDim % 2 != 0) {
      throw new InvalidInputException("head_dim " + headDim + " is odd; RoPE rotates pairs");
    }
    width("num_attention_heads", heads, headDim);
    finitePositive("rms_norm_eps", rmsNormEps);
    finitePositive("rope_theta", ropeTheta);
    if (slidingWindow < 0) {
      throw new InvalidInputException("sliding_window must be positive, not " + slidingWindow);
    }
    eosTokenIds = List.copyOf(eosTokenIds);
    if (eosTokenIds.isEmpty()) {
      throw new InvalidInputException("eos_token_id is missing; it closes documents");
    }
    for (int id : eosTokenIds) {
      if (id < 0 || id >= vocabSize) {
        throw new InvalidInputException(
            "eos_token_id " + id + " is outside the vocabulary of " + vocabSize);
      }
    }
  }

  /** Without scaled positions, bias, norms of q and k, and sliding window. */
  public LlamaConfig(
      int hiddenSize,
      int intermediateSize,
      int layers,
      int heads,
      int kvHeads,
      int headDim,
      int vocabSize,
      double rmsNormEps,
      double ropeTheta,
      int maxPositionEmbeddings,
      boolean tieWordEmbeddings,
      int bosTokenId,
      List<Integer> eosTokenIds) {
    this(
        hiddenSize,
        intermediateSize,
        layers,
        heads,
        kvHeads,
        headDim,
        vocabSize,
        rmsNormEps,
        ropeTheta,
        maxPositionEmbeddings,
        tieWordEmbeddings,
        bosTokenId,
        eosTokenIds,
        RopeScaling.NONE,
        AttentionBias.NONE,
        false,
        0);
  }

  private static void positive(String key, int value) {
    if (value <= 0) {
      throw new InvalidInputException(key + " must be positive, not " + value);
    }
  }

  private static void finitePositive(String key, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new InvalidInputException(key + " must be positive, not " + value);
    }
  }

  private static void width(String key, long heads, int headDim) {
    if (heads * headDim > Integer.MAX_VALUE) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s %d times head_dim %d is over the limit of %d",
              key,
              heads,
              headDim,
              Integer.MAX_VALUE));
    }
  }

  /** Width of the query projection, {@code heads * headDim}. */
  public int queryWidth() {
    return heads * headDim;
  }

  /** Width of the key and of the value projection, {@code kvHeads * headDim}. */
  public int keyValueWidth() {
    return kvHeads * headDim;
  }

  /**
   * Frequency i of the rotary position embedding, in radians a token; i below {@code d / 2}.
   *
   * @param reach number of positions in use at once, from 0 on
   */
  public double ropeFrequency(int i, int reach) {
    return ropeScaling.frequency(new RopeScaling.Unscaled(ropeTheta, headDim), i, reach);
  }

  /** Tokens that the model reads at once by itself. */
  public int nativeWindow() {
    return slidingWindow > 0
        ? Math.min(slidingWindow, maxPositionEmbeddings)
        : maxPositionEmbeddings;
  }

  /** Number of all weights; those of a tied head count once. */
  public long parameters() {
    long hidden = hiddenSize;
    long projections = queryWidth() + 2L * keyValueWidth();
    long bias =
        switch (attentionBias) {
          case NONE -> 0;
          case QUERY_KEY_VALUE -> projections;
          case ALL -> projections + hidden;
        };
    long layer =
        2 * hidden
            + hidden * (projections + queryWidth() + 3L * intermediateSize)
            + bias
            + (queryKeyNorm ? 2L * headDim : 0);
    return layers * layer + hidden + hidden * vocabSize * (tieWordEmbeddings ? 1 : 2);
  }

  /**
   * Refuses segments that the attention of the model does not reach across (the last memory token
   * of a segment looks back over all of it), or within which the angles of dynamic RoPE change.
   *
   * @param segmentLength tokens a segment
   */
  public void requireReach(int segmentLength) {
    if (slidingWindow > 0 && segmentLength >= slidingWindow) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "segment-length %d does not fit the model, whose tokens see the last %d (sliding_window); lower --segment-length below that",
              segmentLength,
              slidingWindow));
    }
    // Its memory tokens stand at positions up to its length.
    if (segmentLength >= ropeScaling.constantUpTo()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "segment-length %d does not fit the model, whose dynamic RoPE changes beyond %d positions (max_position_embeddings); lower --segment-length below that",
              segmentLength,
              ropeScaling.constantUpTo()));
    }
  }

  /** The token that closes a document and that {@code <mem>} starts from. */
  public int eosTokenId() {
    return eosTokenIds.get(0);
  }
}
