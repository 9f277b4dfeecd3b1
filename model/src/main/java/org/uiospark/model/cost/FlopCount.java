package org.uiospark.model.cost;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.segment.SegmentSettings;

/**
 * Floating-point operations that the gradient of one sequence needs, by the mathematics (README of
 * model, The gradient), not by what some code does.
 *
 * <p>The rules:
 *
 * <ul>
 *   <li>Matrix products count, two operations a multiply-add, each once. What is done element by
 *       element does not: norms (those of q and k too), biases, RoPE, softmax, activations,
 *       residuals, the loss itself.
 *   <li>Attention counts the pairs of a query and a key that it sees: the causal half among tokens,
 *       all memories before them. Two products a pair forward, four backward; scores that a kernel
 *       computes again in its backward pass do not count again.
 *   <li>The base is frozen, so its products have a gradient towards activations alone; LoRA has
 *       both.
 *   <li>Encoder: all segments but the last; no layer above the last memory. In the last layer that
 *       is computed, tokens give keys and values only. In layer 0 nothing flows towards ordinary
 *       embeddings, so neither towards the keys of tokens.
 *   <li>Decoder: every segment forward, all but the first backward. In layer 0 only memories have a
 *       gradient, so attention has three products over the pairs with memories.
 *   <li>Transfer head: once a memory, forward and backward. Encoder and transfer head are
 *       back-propagated towards a memory only where the estimator gives it weight; the transfer
 *       head's own gradient is always due.
 *   <li>All segments are whole, all labels count.
 * </ul>
 *
 * @param encoderForward encoding every segment but the last
 * @param encoderBackward back through the encoder, for the segments that have weight
 * @param decoderForward decoder layers of every segment
 * @param decoderBackward decoder layers of every segment but the first
 * @param head LM head forward and backward
 * @param transferForward transfer head forward
 * @param transferBackward transfer head backward
 * @param recomputed encoding the segments that have weight once more: what it costs to keep no
 *     encoder graph; not part of {@link #total}
 */
public record FlopCount(
    long encoderForward,
    long encoderBackward,
    long decoderForward,
    long decoderBackward,
    long head,
    long transferForward,
    long transferBackward,
    long recomputed) {

  /**
   * Counts one sequence.
   *
   * @param config shape of the base model
   * @param rank LoRA rank
   * @param segments how text is cut and compressed
   * @param weights what an estimator drew for the sequence
   * @throws ArithmeticException if a part has more operations than a long counts
   */
  public static FlopCount of(
      LlamaConfig config, int rank, SegmentSettings segments, PairWeights weights) {
    return of(config, rank, segments, weights, 0, weights.segments());
  }

  /**
   * Counts the segments of a chunk of a sequence: their encoding, their decoding behind the
   * memories of all segments before them, and the way back to them from wherever they are wanted.
   *
   * @param from the first segment of the chunk
   * @param to the one behind its last
   * @throws ArithmeticException as above
   */
  public static FlopCount of(
      LlamaConfig config,
      int rank,
      SegmentSettings segments,
      PairWeights weights,
      int from,
      int to) {
    return new Shape(config, rank, segments).count(weights, from, to);
  }

  /** What the pass of a chunk that encodes takes: it runs the transfer head too. */
  public long encode() {
    return encoderForward + transferForward;
  }

  /** What the pass of a chunk that decodes takes. */
  public long decode() {
    return decoderForward + decoderBackward + head;
  }

  /** What the pass back of a chunk takes: no graph is kept, so it encodes all segments again. */
  public long back() {
    return encoderForward + encoderBackward + transferBackward;
  }

  /**
   * All operations that the mathematics needs for the sequence.
   *
   * @throws ArithmeticException if they are more than a long counts
   */
  public long total() {
    return LongStream.of(
            encoderForward,
            encoderBackward,
            decoderForward,
            decoderBackward,
            head,
            transferForward,
            transferBackward)
        .reduce(0, Math::addExact);
  }

  /** Sizes, named as in the kernels: D, query and key/value width, F, L, V, r, l, m. */
  private static final class Shape {
    private final long hidden;
    private final long queryWidth;
    private final long kvWidth;
    private final long inner;
    private final int layers;
    private final long vocabulary;
    private final long rank;
    private final long length;
    private final long memories;
    private final long rows;

    Shape(LlamaConfig config, int rank, SegmentSettings segments) {
      this.hidden = config.hiddenSize();
      this.queryWidth = config.queryWidth();
      this.kvWidth = config.keyValueWidth();
      this.inner = config.intermediateSize();
      this.layers = config.layers();
      this.vocabulary = config.vocabSize();
      this.rank = rank;
      this.length = segments.segmentLength();
      this.memories = segments.memoryTokens();
      this.rows = length + memories;
    }

    FlopCount count(PairWeights weights, int from, int to) {
      int encoded = Math.min(to, weights.segments() - 1) - from;
      long weighted = IntStream.range(from, to).filter(weights::differentiates).count();
      long decoderForward = 0;
      long decoderBackward = 0;
      for (int t = from; t < to; t++) {
        long before = t * memories;
        decoderForward =
            Math.addExact(
                decoderForward, layers * (decoderLayer() + 2 * attention(decoderPairs(before))));
        decoderBackward = Math.addExact(decoderBackward, t == 0 ? 0 : decoderBackward(before));
      }
      return new FlopCount(
          encoded * encoderForward(),
          weighted * encoderBackward(),
          decoderForward,
          decoderBackward,
          (2L * (to - from) - (from == 0 ? 1 : 0)) * product(length, hidden, vocabulary),
          encoded * transferForward(),
          encoded * transferGradient() + weighted * transferTowardsMemory(),
          weighted * encoderForward());
    }

    /** [rows, in] times [in, out]. */
    private static long product(long rows, long in, long out) {
      return 2 * rows * in * out;
    }

    /** One of attention's products over so many pairs of a query and a key, all heads. */
    private long attention(long pairs) {
      return 2 * pairs * queryWidth;
    }

    /** Tokens see themselves and those before. */
    private long tokenPairs() {
      return length * (length + 1) / 2;
    }

    /** Memory token i sees the first (i + 1) l / m tokens, and itself. */
    private long memoryPairs() {
      return length / memories * (memories * (memories + 1) / 2) + memories;
    }

    private long decoderPairs(long before) {
      return length * before + tokenPairs();
    }

    /** Output projection and MLP. */
    private long finish(long rows) {
      return product(rows, queryWidth, hidden) + product(rows, hidden, 3 * inner);
    }

    private long lora(long rows, long out) {
      return product(rows, hidden, rank) + product(rows, rank, out);
    }

    /** Towards x A^T, A, B; and for {@code inputs} of the rows towards x. */
    private long loraBackward(long rows, long inputs, long out) {
      return product(rows, out, rank)
          + product(rows, hidden, rank)
          + product(rows, rank, out)
          + product(inputs, rank, hidden);
    }

    private boolean isLastEncoded(int layer) {
      return layer == layers - 2;
    }

    private long encoderForward() {
      long sum = 0;
      for (int i = 0; i < layers - 1; i++) {
        long queries = isLastEncoded(i) ? memories : rows;
        sum +=
            product(rows, hidden, 2 * kvWidth)
                + product(queries, hidden, queryWidth)
                + lora(queries, queryWidth)
                + lora(rows, kvWidth)
                + 2 * attention(encoderPairs(i))
                + finish(queries);
      }
      return sum;
    }

    private long encoderBackward() {
      long sum = 0;
      for (int i = 0; i < layers - 1; i++) {
        long queries = isLastEncoded(i) ? memories : rows;
        long inputs = i == 0 ? memories : rows;
        long queryInputs = Math.min(queries, inputs);
        // A memory token's key is seen by itself alone.
        long pairsOfKeys = i == 0 ? memories : encoderPairs(i);
        sum +=
            product(inputs, hidden, 2 * kvWidth)
                + product(queryInputs, hidden, queryWidth)
                + loraBackward(queries, queryInputs, queryWidth)
                + loraBackward(rows, inputs, kvWidth)
                + 3 * attention(encoderPairs(i))
                + attention(pairsOfKeys)
                + finish(queries);
      }
      return sum;
    }

    private long encoderPairs(int layer) {
      return memoryPairs() + (isLastEncoded(layer) ? 0 : tokenPairs());
    }

    /** All products of a layer but those of attention. */
    private long decoderLayer() {
      return product(length, hidden, queryWidth + 2 * kvWidth) + finish(length);
    }

    private long decoderBackward(long before) {
      return (layers - 1) * (decoderLayer() + 4 * attention(decoderPairs(before)))
          + finish(length)
          + 3 * attention(length * before);
    }

    private long transferForward() {
      return layers * (product(memories, hidden, 2 * kvWidth) + 2 * lora(memories, kvWidth));
    }

    private long transferGradient() {
      return layers * 2 * loraBackward(memories, 0, kvWidth);
    }

    private long transferTowardsMemory() {
      return layers
          * (product(memories, 2 * kvWidth, hidden) + 2 * product(memories, rank, hidden));
    }
  }
}
