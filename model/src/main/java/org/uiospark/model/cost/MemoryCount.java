package org.uiospark.model.cost;

import ai.djl.Device;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.KeyedRandom;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.Kernels;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.segment.AtOnce;
import org.uiospark.model.segment.SegmentSettings;

/**
 * Bytes on the device that the gradient of one sequence takes at its peak, by the tensors that are
 * alive then. What an allocator, a driver or a JVM takes beside them is not in it.
 *
 * <p>Sizes as in the kernels: D, H query heads, query and key/value width Q and K, F, L, V, r; l
 * tokens and m memory tokens a segment, T segments, b bytes a weight. Whatever learns or is a
 * gradient has 4 bytes. What attention holds depends on its path: two bytes a weight are taken for
 * a GPU's, four for a CPU's.
 *
 * @param base weights of the base model, {@code b} each
 * @param adapter the adapter in the type of the base, and its gradient in float32
 * @param bank keys and values of the memories: {@code 2 L K b} for each of {@code (T - 1) m} rows
 * @param bankGradient gradients towards those of the memories: {@code 2 L K 4} a row, twice that
 *     where the estimator weighs pairs of the same memory differently
 * @param graphs encoder graphs that are kept
 * @param differentiated segments that are back-propagated, each by its encoder graph
 * @param graphBytes what those take, {@link #graph} each
 * @param activations of the larger of two: decoding a segment with its graph, {@code 2 D + 2 Q + 2
 *     K + 2 F} values and {@code 4 H} bytes a token and layer, or encoding one again, if any is, in
 *     a chunk those that are back-propagated at once; and beside that one layer's way back, {@code
 *     4 D + 2 Q + 3 F} values a token and {@code 2 K (b + 4)} bytes a row, memory or token, that is
 *     attended to, of a decoded segment or of those encoded at once ({@link AtOnce}), or, if that
 *     is more, the logits held at once and their gradient, 8 bytes each. A GPU holds {@code 2 K b}
 *     bytes a row more there, for its attention takes all rows as one, and, where query heads share
 *     keys, {@code 2 Q b}, the gradients of each query head; a CPU repeats such keys and values for
 *     {@link Kernels#QUERY_BLOCK} tokens at once, {@code 4 Q b} each. A model with norms of q and k
 *     keeps {@code Q + 2 K} values a token and layer more; one with dynamic RoPE {@code K b} bytes
 *     a row and layer, keys once they are turned, and {@code 8 K} a row on a layer's way back
 * @param hostMemories not on the device but beside it: memories of the segments that are not
 *     back-propagated, {@code L m D b} each
 */
public record MemoryCount(
    long base,
    long adapter,
    long bank,
    long bankGradient,
    int graphs,
    int differentiated,
    long graphBytes,
    long activations,
    long hostMemories) {

  /**
   * Counts one sequence of whole segments.
   *
   * @param weights what an estimator drew for the sequence
   * @param graphMemory bytes for encoder graphs that are kept or made at once, as for {@code
   *     SequenceGradient}
   */
  public static MemoryCount of(
      LlamaConfig config,
      AdapterShape adapter,
      SegmentSettings segments,
      BasePrecision precision,
      PairWeights weights,
      long graphMemory) {
    long memories = weights.segments() - 1L;
    long rows = memories * segments.memoryTokens();
    int differentiated = weights.differentiated();
    long graph = graph(config, adapter.rank(), segments, precision);
    int graphs = (int) Math.min(differentiated, graphMemory / graph);
    // Those that are made again, several at once or one, follow when the kept ones are done with.
    long again = differentiated > graphs ? graph : 0;
    return new MemoryCount(
        config.parameters() * precision.bytes(),
        (long) (precision.bytes() + Float.BYTES) * adapter.size(),
        rows * row(config) * precision.bytes(),
        rows * gradientRow(config, weights),
        graphs,
        differentiated,
        graphs * graph,
        Math.max(decoding(config, segments, precision, rows), again)
            + working(config, segments, precision, rows),
        (memories - differentiated)
            * config.layers()
            * segments.memoryTokens()
            * config.hiddenSize()
            * precision.bytes());
  }

  /**
   * Counts the passes of a chunk of a sequence, whichever takes most: the bank holds the memories
   * of the whole sequence, once for all tasks of an executor, the gradients are those towards the
   * memories up to the end of the chunk, and no graph is kept.
   *
   * @param graphMemory bytes for encoder graphs of segments at once, as for {@code ChunkGradient}
   * @param memories segments up to the end of the chunk that have a memory
   */
  public static MemoryCount ofChunk(
      LlamaConfig config,
      AdapterShape adapter,
      SegmentSettings segments,
      BasePrecision precision,
      PairWeights weights,
      long graphMemory,
      int memories) {
    long graph = graph(config, adapter.rank(), segments, precision);
    int differentiated = weights.differentiated();
    int again =
        Math.min(
            Math.min(differentiated, memories), atOnce(precision).withGraph(graphMemory / graph));
    long bank = (weights.segments() - 1L) * segments.memoryTokens();
    long rows = (long) memories * segments.memoryTokens();
    return new MemoryCount(
        config.parameters() * precision.bytes(),
        (long) (precision.bytes() + Float.BYTES) * adapter.size(),
        bank * row(config) * precision.bytes(),
        rows * gradientRow(config, weights),
        0,
        differentiated,
        0,
        Math.max(decoding(config, segments, precision, rows), again * graph)
            + working(config, segments, precision, rows),
        0);
  }

  /** Values of the keys and values of a memory: {@code 2 L K}. */
  public static long row(LlamaConfig config) {
    return 2L * config.layers() * config.keyValueWidth();
  }

  /** Bytes of the gradient towards those: {@code 2 L K 4}, or twice that. */
  public static long gradientRow(LlamaConfig config, PairWeights weights) {
    return row(config) * Float.BYTES * (weights.dependOnMemoryAlone() ? 1 : 2);
  }

  /**
   * @param rows of memories before the segment
   */
  private static long decoding(
      LlamaConfig config, SegmentSettings segments, BasePrecision precision, long rows) {
    long tokens = segments.segmentLength();
    long values =
        tape(config)
            + (config.attention().queryKeyNorm()
                ? config.queryWidth() + 2L * config.keyValueWidth()
                : 0);
    long turned = turnsLate(config) ? (rows + tokens) * config.keyValueWidth() : 0;
    return ((tokens * values + turned) * precision.bytes() + tokens * norms(config))
        * config.layers();
  }

  /** Values of a token and layer that any way back needs. */
  private static long tape(LlamaConfig config) {
    return 2L
        * (config.hiddenSize()
            + config.queryWidth()
            + config.keyValueWidth()
            + config.intermediateSize());
  }

  /** Bytes of the norms of attention of a token and layer. */
  private static long norms(LlamaConfig config) {
    return (long) Float.BYTES * config.attention().heads();
  }

  /**
   * The least that any sequence takes, in bytes: base, adapter and its gradient, and the working
   * set of one segment.
   */
  public static long least(
      LlamaConfig config, AdapterShape adapter, SegmentSettings segments, BasePrecision precision) {
    PairWeights none = new Estimator.Exact().draw(1, KeyedRandom.of(0, 0, 0));
    return of(config, adapter, segments, precision, none, 0).total();
  }

  /**
   * The graph of one encoded segment: of each token and layer two residual streams, q, k, v, what
   * attention gave and its norms, the MLP's two inner values, and two LoRA projections; with norms
   * of q and k also what went into those.
   */
  public static long graph(
      LlamaConfig config, int rank, SegmentSettings segments, BasePrecision precision) {
    long tokens = segments.segmentLength() + segments.memoryTokens();
    long values =
        tape(config)
            + 2L * rank
            + (config.attention().queryKeyNorm()
                ? config.queryWidth() + config.keyValueWidth()
                : 0);
    long bytes = values * precision.bytes() + norms(config);
    // A model of one layer has no encoder.
    return Math.max(1, tokens * bytes * (config.layers() - 1));
  }

  /** What is alive for a moment, of whichever takes most. */
  private static long working(
      LlamaConfig config, SegmentSettings segments, BasePrecision precision, long rows) {
    long tokens = segments.segmentLength();
    long each = tokens + segments.memoryTokens();
    long encoded = Math.min(atOnce(precision).segments(), rows / segments.memoryTokens());
    long turned =
        turnsLate(config) ? (rows + tokens) * 2 * config.keyValueWidth() * Float.BYTES : 0;
    return Math.max(
        Math.max(
            layerBack(config, precision, tokens, each, rows + tokens) + turned,
            layerBack(config, precision, tokens, encoded * each, encoded * each)),
        logits(config, precision, tokens));
  }

  /**
   * @param tokens of a segment
   * @param computed tokens and memory tokens that go through the layer
   * @param attended rows that they attend to
   */
  private static long layerBack(
      LlamaConfig config, BasePrecision precision, long tokens, long computed, long attended) {
    long values =
        4L * config.hiddenSize() + 2L * config.queryWidth() + 3L * config.intermediateSize();
    return computed * values * precision.bytes()
        + attended * 2 * config.keyValueWidth() * (precision.bytes() + Float.BYTES)
        + ofPath(config, precision, attended, tokens);
  }

  /** What a layer's attention holds besides on its way back, by the path that computes it. */
  private static long ofPath(
      LlamaConfig config, BasePrecision precision, long attended, long tokens) {
    long ofHeads = config.queryWidth() > config.keyValueWidth() ? 2L * config.queryWidth() : 0;
    return precision == BasePrecision.BFLOAT16
        ? attended * (2L * config.keyValueWidth() + ofHeads) * precision.bytes()
        : Math.min(tokens, Kernels.QUERY_BLOCK) * 2 * ofHeads * precision.bytes();
  }

  /** Whether keys lie in the bank as they are, to be turned for every segment. */
  private static boolean turnsLate(LlamaConfig config) {
    return config.rotary().scaling().constantUpTo() < Integer.MAX_VALUE;
  }

  private static long logits(LlamaConfig config, BasePrecision precision, long tokens) {
    long held = Math.min(tokens, atOnce(precision).tokens(config.vocabSize()));
    return 2L * Float.BYTES * held * config.vocabSize();
  }

  private static AtOnce atOnce(BasePrecision precision) {
    return AtOnce.on(precision == BasePrecision.BFLOAT16 ? Device.gpu() : Device.cpu());
  }

  /** Share of the segments that are back-propagated whose graph is kept. */
  public double keptShare() {
    return differentiated == 0 ? 1 : (double) graphs / differentiated;
  }

  /** All bytes of a task. */
  public long total() {
    return base + adapter + bank + bankGradient + graphBytes + activations;
  }
}
