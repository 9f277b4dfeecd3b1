package org.uiospark.model.llama;

import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;

/**
 * The shape of a Llama-family decoder, as {@code config.json} of a HuggingFace checkpoint states
 * it.
 *
 * @param hiddenSize width D of the residual stream
 * @param intermediateSize width of the gated MLP
 * @param layers number of decoder layers
 * @param rmsNormEps epsilon of RMSNorm
 * @param attention heads of a layer
 * @param rotary rotary position embedding
 * @param vocabulary tokens, embedding and LM head
 */
public record LlamaConfig(
    int hiddenSize,
    int intermediateSize,
    int layers,
    double rmsNormEps,
    AttentionConfig attention,
    RotaryConfig rotary,
    VocabularyConfig vocabulary) {

  /** Checks every size; the message names the key of {@code config.json}. */
  public LlamaConfig {
    positive("hidden_size", hiddenSize);
    positive("intermediate_size", intermediateSize);
    positive("num_hidden_layers", layers);
    finitePositive("rms_norm_eps", rmsNormEps);
  }

  static void positive(String key, int value) {
    if (value <= 0) {
      throw new InvalidInputException(key + " must be positive, not " + value);
    }
  }

  static void finitePositive(String key, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new InvalidInputException(key + " must be positive, not " + value);
    }
  }

  /** Width of the query projection, {@code heads * headDim}. */
  public int queryWidth() {
    return attention.queryWidth();
  }

  /** Width of the key and of the value projection, {@code kvHeads * headDim}. */
  public int keyValueWidth() {
    return attention.keyValueWidth();
  }

  /**
   * Frequency i of the rotary position embedding, in radians a token; i below {@code d / 2}.
   *
   * @param reach number of positions in use at once, from 0 on
   */
  public double ropeFrequency(int i, int reach) {
    return rotary
        .scaling()
        .frequency(new RopeScaling.Unscaled(rotary.theta(), attention.headDim()), i, reach);
  }

  /** Tokens that the model reads at once by itself. */
  public int nativeWindow() {
    int slidingWindow = attention.slidingWindow();
    return slidingWindow > 0
        ? Math.min(slidingWindow, rotary.maxPositions())
        : rotary.maxPositions();
  }

  /** Number of all weights; those of a tied head count once. */
  public long parameters() {
    long hidden = hiddenSize;
    long projections = queryWidth() + 2L * keyValueWidth();
    long bias =
        switch (attention.bias()) {
          case NONE -> 0;
          case QUERY_KEY_VALUE -> projections;
          case ALL -> projections + hidden;
        };
    long layer =
        2 * hidden
            + hidden * (projections + queryWidth() + 3L * intermediateSize)
            + bias
            + (attention.queryKeyNorm() ? 2L * attention.headDim() : 0);
    return layers * layer + hidden + hidden * vocabSize() * (vocabulary.tied() ? 1 : 2);
  }

  /**
   * Refuses segments that the attention of the model does not reach across (the last memory token
   * of a segment looks back over all of it), or within which the angles of dynamic RoPE change.
   *
   * @param segmentLength tokens a segment
   */
  public void requireReach(int segmentLength) {
    int slidingWindow = attention.slidingWindow();
    if (slidingWindow > 0 && segmentLength >= slidingWindow) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "segment-length %d does not fit the model, whose tokens see the last %d (sliding_window); lower --segment-length below that",
              segmentLength,
              slidingWindow));
    }
    // Its memory tokens stand at positions up to its length.
    int constantUpTo = rotary.scaling().constantUpTo();
    if (segmentLength >= constantUpTo) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "segment-length %d does not fit the model, whose dynamic RoPE changes beyond %d positions (max_position_embeddings); lower --segment-length below that",
              segmentLength,
              constantUpTo));
    }
  }

  /** Rows of the embedding. */
  public int vocabSize() {
    return vocabulary.size();
  }

  /** The token that closes a document and that {@code <mem>} starts from. */
  public int eosTokenId() {
    return vocabulary.eosTokenIds().get(0);
  }
}
