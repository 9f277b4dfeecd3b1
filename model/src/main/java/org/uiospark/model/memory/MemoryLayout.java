package org.uiospark.model.memory;

import java.io.Serializable;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.llama.LlamaConfig;

/**
 * How keys and values lie in a file: for each layer {@code [rows, G, d]}, first the keys of all
 * layers, then the values. A row is a memory, with all its heads, so that a longer text has more
 * rows at the end of each tensor.
 *
 * @param layers L
 * @param heads G, of keys and values
 * @param headDim d
 * @param precision of the values
 * @param rotated whether RoPE has turned the keys; it has not where its angles depend on the number
 *     of positions in use
 */
public record MemoryLayout(
    int layers, int heads, int headDim, BasePrecision precision, boolean rotated)
    implements Serializable {

  /** Bytes of a piece at most, unless that is one segment. */
  private static final long PIECE = 64 << 20;

  /** That of the memories of a model. */
  public static MemoryLayout of(MemoryModel model) {
    return of(model.base().config(), model.base().precision());
  }

  /** That of the memories of a base in a type. */
  public static MemoryLayout of(LlamaConfig config, BasePrecision precision) {
    return new MemoryLayout(
        config.layers(),
        config.attention().kvHeads(),
        config.attention().headDim(),
        precision,
        config.rotary().scaling().constantUpTo() == Integer.MAX_VALUE);
  }

  /** Number of tensors. */
  int tensors() {
    return 2 * layers;
  }

  /** Name of a tensor. */
  String name(int tensor) {
    return tensor < layers
        ? "layers." + tensor + ".keys"
        : "layers." + (tensor - layers) + ".values";
  }

  /** Bytes of a head of a row. */
  int headBytes() {
    return headDim * precision.bytes();
  }

  /** Bytes of a row of one tensor. */
  public int rowBytes() {
    return heads * headBytes();
  }

  /** Bytes of a row of all tensors: what one memory takes. */
  public long memoryBytes() {
    return (long) tensors() * rowBytes();
  }

  /**
   * Segments of a text that are encoded as one piece, whose memories the heap holds.
   *
   * @param memoryTokens of each, m
   * @param most of a model whose memories are small
   */
  public int pieceSegments(int memoryTokens, int most) {
    return (int) Math.max(1, Math.min(most, PIECE / (memoryTokens * memoryBytes())));
  }

  /** Dimensions of a tensor. */
  long[] dimensions(long rows) {
    return new long[] {rows, heads, headDim};
  }

  /** Whether memories in one layout can be read as those in another: their type may differ. */
  boolean isReadableAs(MemoryLayout other) {
    return new MemoryLayout(layers, heads, headDim, other.precision, rotated).equals(other);
  }
}
