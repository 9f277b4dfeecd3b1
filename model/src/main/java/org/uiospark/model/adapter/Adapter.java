package org.uiospark.model.adapter;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.uiospark.model.input.Sha256;

/**
 * The trained part: a flat vector of float32 values in the layout of {@link AdapterShape#slots}.
 *
 * @param shape the layout
 * @param values the values, shared and not copied; length {@link AdapterShape#size}
 */
public record Adapter(AdapterShape shape, float[] values) {
  /** Values that are hashed at once. */
  private static final int CHUNK = 1 << 14;

  /**
   * Between the generators of two seeds. It is none of the steps that a generator takes from number
   * to number, or the next seed would have the same numbers one place on.
   */
  private static final long APART = 0xBF58476D1CE4E5B9L;

  /** Checks that the vector fits the layout. */
  public Adapter {
    Objects.requireNonNull(shape, "shape");
    if (values.length != shape.size()) {
      throw new IllegalArgumentException(
          "adapter of " + shape.size() + " values got a vector of " + values.length);
    }
  }

  /**
   * An untrained adapter: {@code <mem>} and {@code <repeat>} start as the EOS embedding, LoRA A
   * Kaiming-uniform with a = sqrt(5) (bound {@code 1 / sqrt(fan_in)}), LoRA B zero.
   *
   * @param eosEmbedding the embedding of EOS, {@code [D]}
   * @param seed each tensor draws from a generator of its own, keyed by the seed and its name
   */
  public static Adapter initial(AdapterShape shape, float[] eosEmbedding, long seed) {
    float[] values = new float[shape.size()];
    for (AdapterShape.Slot slot : shape.slots()) {
      if (slot.columns() == 0) {
        System.arraycopy(eosEmbedding, 0, values, slot.offset(), slot.size());
      } else if (slot.name().contains("lora_A")) {
        SplittableRandom random = new SplittableRandom(seed * APART + slot.name().hashCode());
        double bound = 1 / Math.sqrt(slot.columns());
        for (int i = 0; i < slot.size(); i++) {
          values[slot.offset() + i] = (float) ((2 * random.nextDouble() - 1) * bound);
        }
      }
    }
    return new Adapter(shape, values);
  }

  /**
   * What tells adapters apart: SHA-256 over a line with layers, widths, rank and alpha, and the
   * values as little-endian float32.
   */
  public String fingerprint() {
    MessageDigest digest = Sha256.digest();
    List<Number> sizes =
        List.of(
            shape.layers(),
            shape.hiddenSize(),
            shape.queryWidth(),
            shape.keyValueWidth(),
            shape.rank(),
            shape.alpha());
    digest.update((sizes + "\n").getBytes(StandardCharsets.UTF_8));
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int from = 0; from < values.length; from += CHUNK) {
      int count = Math.min(CHUNK, values.length - from);
      chunk.clear().asFloatBuffer().put(values, from, count);
      digest.update(chunk.limit(count * Float.BYTES));
    }
    return Sha256.hex(digest);
  }
}
